"""Issuing an API key."""

from datetime import datetime
from typing import Annotated

import strawberry

from db.commands import issue_api_key as command
from domain.api_key import new_api_key
from domain.api_key_request import api_key_request
from domain.viewer import require_admin
from schema.absent import or_none
from schema.api_keys.api_key import IssuedApiKey
from schema.context import Info
from schema.errors import InvalidInput, TeamNotFound
from schema.teams.team import named_team


@strawberry.input(description="A key to be issued.")
class IssueApiKeyInput:
    """A key to be issued."""

    team_id: strawberry.ID = strawberry.field(description="The team that the key is for.")
    name: str = strawberry.field(description="What the key is for: 1 to 255 characters after trimming.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="More about the key: up to 10,000 characters; of control characters, only lines and tabs.",
    )
    monthly_quota: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Requests a month by this key, 0 or more; null or left out: the team's quota.",
    )
    daily_quota: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Requests a day by this key, 0 or more; null or left out: the team's quota.",
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When the key stops working, in the future; null or left out: never."
    )


@strawberry.type(description="The key was issued.")
class IssueApiKeySuccess:
    """The key was issued."""

    issued_api_key: IssuedApiKey = strawberry.field(description="The key with its secret.")


IssueApiKeyResult = Annotated[
    IssueApiKeySuccess | InvalidInput | TeamNotFound,
    strawberry.union("IssueApiKeyResult", description="What came of issuing a key."),
]


async def issue_api_key(
    info: Info,
    wanted: Annotated[IssueApiKeyInput, strawberry.argument(name="input", description="The key to issue.")],
) -> IssueApiKeyResult:
    """Issue a key."""
    actor = require_admin(info.context.viewer).name
    request = api_key_request(
        name=wanted.name,
        description=or_none(wanted.description),
        monthly_quota=or_none(wanted.monthly_quota),
        daily_quota=or_none(wanted.daily_quota),
        expires_at=or_none(wanted.expires_at),
        now=info.context.now,
    )
    row_id = named_team(wanted.team_id)
    key = new_api_key()
    api_key = await info.context.change(
        lambda transaction: command.issue_api_key(transaction, row_id, key, request, actor=actor)
    )
    return IssueApiKeySuccess(issued_api_key=IssuedApiKey.issued(api_key, key.secret))
