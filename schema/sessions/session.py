"""The session."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from db.rows import SessionRow
from domain.config import merge
from domain.config.settings_table import HISTORY_MAXIMUM, MAX_HISTORY
from schema.api_keys.api_key import ApiKey
from schema.config.effective_config import EffectiveConfig
from schema.context import Info
from schema.cost_directives import ListSize, cost
from schema.loaders import NOTHING, MessagesWanted, OfParent
from schema.node import LARGEST_BIGINT, Node, global_id
from schema.pagination import PAGE_FORWARD, PAGE_SIZE_DEFAULT, After, Connection, First, connection, requested_page
from schema.sessions.message import OLDEST_FIRST, Message
from schema.teams.team import Team, load_team, merged_config


@strawberry.type(description="One conversation: a user on a platform, within a team where the platform has one.")
class Session(Node):
    """One conversation."""

    largest_row_id = LARGEST_BIGINT
    row_id: strawberry.Private[int]
    team_row_id: strawberry.Private[int | None]
    api_key_row_id: strawberry.Private[int | None]
    chosen_model: strawberry.Private[str | None]
    session_id: str = strawberry.field(
        description="The 32 hexadecimal digits by which runtimes and usage logs name the session."
    )
    platform: str = strawberry.field(description="The platform's name.")
    user_id: str = strawberry.field(description="The user, by the platform's own id.")
    created_at: datetime = strawberry.field(description="When the session was first opened.")
    last_activity_at: datetime = strawberry.field(description="When something last happened in it.")
    is_closed: strawberry.Private[bool]

    @strawberry.field(description="The team; null where the platform has none.")
    async def team(self, info: Info) -> Team | None:
        """Load the team."""
        return None if self.team_row_id is None else await load_team(info, self.team_row_id)

    @strawberry.field(description="The key that owns the session; null where it was opened without one.")
    async def api_key(self, info: Info) -> ApiKey | None:
        """Load the key."""
        if self.api_key_row_id is None:
            return None
        row = await info.context.loaders.api_key_by_id.load(self.api_key_row_id)
        return None if row is None else ApiKey.from_row(row)

    @strawberry.field(
        description="The model in use. Always one of effectiveConfig.availableModels: where a change of configuration "
        "took the chosen model away, effectiveConfig.model."
    )
    async def current_model(self, info: Info) -> str:
        """Choose between the user's choice and the configuration's model."""
        return (await self._config(info)).model_in_use(self.chosen_model)

    @strawberry.field(description="Today's configuration, not the one the session began with.")
    async def effective_config(self, info: Info) -> EffectiveConfig:
        """Merge."""
        return EffectiveConfig.from_domain(await self._config(info))

    @strawberry.field(description="Whether the user administers the platform.")
    def is_admin(self, info: Info) -> bool:
        """Look the user up among the platform's administrators."""
        return self.user_id in info.context.rules.admin_users.get(self.platform.casefold(), frozenset())

    @strawberry.field(
        description="False once the session has been idle for longer than the time-out, until something happens in it "
        "again; and once it was closed, until it is opened again."
    )
    def is_active(self, info: Info) -> bool:
        """Compare the last activity with the time-out."""
        return not self.is_closed and self.last_activity_at >= info.context.idle_before

    @strawberry.field(description="All messages ever, cleared ones included.", directives=[cost(5)])
    async def total_message_count(self, info: Info) -> int:
        """Count the messages."""
        return await info.context.loaders.message_count_by_session.load(OfParent(self.row_id, wanted=True))

    @strawberry.field(
        description="The context: messages not cleared, oldest first, the newest effectiveConfig.maxHistory of them.",
        directives=[cost(5), ListSize(assumed_size=HISTORY_MAXIMUM)],
    )
    async def history(self, info: Info) -> list[Message]:
        """Load the context."""
        config = await self._config(info)
        rows = await info.context.loaders.context_by_session.load(OfParent(self.row_id, config[MAX_HISTORY]))
        return [Message.from_row(row) for row in rows]

    @strawberry.field(
        description="The messages, oldest first; cleared ones only where asked for.", directives=PAGE_FORWARD
    )
    async def messages(
        self,
        info: Info,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = strawberry.UNSET,
        *,
        include_cleared: Annotated[
            bool, strawberry.argument(description="Whether to list cleared messages too.")
        ] = False,
    ) -> Connection[Message]:
        """Load a page of messages."""
        loaders = info.context.loaders
        wanted = MessagesWanted(include_cleared, requested_page(OLDEST_FIRST, first=first, after=after))
        page = await loaders.messages_by_session.load(OfParent(self.row_id, wanted))
        return connection(
            page,
            OLDEST_FIRST,
            Message.from_row,
            lambda: loaders.message_count_by_session.load(OfParent(self.row_id, include_cleared)),
        )

    async def _config(self, info: Info) -> merge.EffectiveConfig:
        return merged_config(info, await load_team(info, self.team_row_id or NOTHING), self.platform)

    @classmethod
    def from_row(cls, row: SessionRow) -> Self:
        """Build the type from its row."""
        session = cls.__new__(cls)
        session.id = global_id(cls.__name__, row.id)
        session.row_id = row.id
        session.team_row_id = row.team_id
        session.api_key_row_id = row.api_key_id
        session.chosen_model = row.chosen_model
        session.session_id = row.session_id
        session.platform = row.platform
        session.user_id = row.user_id
        session.created_at = row.created_at
        session.last_activity_at = row.last_activity_at
        session.is_closed = row.closed_at is not None
        return session
