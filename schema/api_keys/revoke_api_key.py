"""Revoking an API key."""

import logging
from typing import Annotated

import strawberry

from db.commands import revoke_api_key as command
from domain.viewer import require_admin
from schema.api_keys.api_key import ApiKey, named_api_key
from schema.context import Info
from schema.errors import ApiKeyNotFound

logger = logging.getLogger(__name__)


@strawberry.input(description="A key to be revoked.")
class RevokeApiKeyInput:
    """A key to be revoked."""

    id: strawberry.ID = strawberry.field(description="The key.")


@strawberry.type(description="The key no longer works, or did not before.")
class RevokeApiKeySuccess:
    """The key no longer works."""

    api_key: ApiKey = strawberry.field(description="The key as it is now.")


RevokeApiKeyResult = Annotated[
    RevokeApiKeySuccess | ApiKeyNotFound,
    strawberry.union("RevokeApiKeyResult", description="What came of revoking a key."),
]


async def revoke_api_key(
    info: Info,
    wanted: Annotated[RevokeApiKeyInput, strawberry.argument(name="input", description="The key to revoke.")],
) -> RevokeApiKeyResult:
    """Revoke a key."""
    actor = require_admin(info.context.viewer).name
    row_id = named_api_key(wanted.id)
    api_key = await info.context.change(lambda transaction: command.revoke_api_key(transaction, row_id))
    logger.info("An API key was revoked.", extra={"actor": actor, "api_key": api_key.key_prefix})
    return RevokeApiKeySuccess(api_key=ApiKey.from_row(api_key))
