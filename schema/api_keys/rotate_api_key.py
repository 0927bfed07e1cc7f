"""Rotating an API key."""

import logging
from datetime import datetime
from typing import Annotated

import strawberry

from db.commands import rotate_api_key as command
from domain.api_key import new_api_key
from domain.api_key_rotation import rotation_overlap
from domain.viewer import require_admin
from schema.api_keys.api_key import IssuedApiKey, named_api_key
from schema.context import Info
from schema.errors import ApiKeyNotFound, InvalidInput

logger = logging.getLogger(__name__)


@strawberry.input(
    description="A key that is to get a new secret. It keeps its id, its sessions and its usage; the old secret works "
    "for overlapSeconds more."
)
class RotateApiKeyInput:
    """A key that is to get a new secret."""

    id: strawberry.ID = strawberry.field(description="The key.")
    overlap_seconds: int = strawberry.field(
        default=0,
        description="For how long the old secret works beside the new one: 0 to 604800 seconds. Where an earlier "
        "rotation is still within its overlap, the secret before that stops working at once.",
    )


@strawberry.type(description="The key has a new secret.")
class RotateApiKeySuccess:
    """The key has a new secret."""

    issued_api_key: IssuedApiKey = strawberry.field(description="The key with its new secret.")
    previous_secret_expires_at: datetime = strawberry.field(
        description="When the old secret stops working: after the overlap, or when the key itself expires."
    )


RotateApiKeyResult = Annotated[
    RotateApiKeySuccess | InvalidInput | ApiKeyNotFound,
    strawberry.union("RotateApiKeyResult", description="What came of rotating a key."),
]


async def rotate_api_key(
    info: Info,
    wanted: Annotated[RotateApiKeyInput, strawberry.argument(name="input", description="The key to rotate.")],
) -> RotateApiKeyResult:
    """Give a key a new secret."""
    actor = require_admin(info.context.viewer).name
    overlap = rotation_overlap(wanted.overlap_seconds)
    row_id = named_api_key(wanted.id)
    key = new_api_key()
    api_key, expires_at = await info.context.change(
        lambda transaction: command.rotate_api_key(transaction, row_id, key, overlap)
    )
    logger.info("An API key was rotated.", extra={"actor": actor, "api_key": api_key.key_prefix})
    return RotateApiKeySuccess(
        issued_api_key=IssuedApiKey.issued(api_key, key.secret), previous_secret_expires_at=expires_at
    )
