"""What the mutations of runtimes share: naming a session, and the one command by which it is served."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import strawberry

from db.transaction import Transaction
from domain.errors import SessionNotFound, SessionOwnedByAnotherKey
from schema.context import Context
from schema.sessions.session import Session

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


def named_session(node_id: strawberry.ID) -> int:
    """Give the row that a mutation's session id names.

    Raises:
        SessionNotFound: it is no id of a session.
    """
    return Session.named_row(node_id, SessionNotFound)


async def serve(context: Context, command: Callable[[Transaction], Awaitable[Result]]) -> Result:
    """Carry out the command of a mutation that serves a session by its id.

    Raises:
        SessionNotFound: the session is another key's, too. Which one's is for the log.
    """
    try:
        return await context.change(command)
    except SessionOwnedByAnotherKey as refusal:
        log_foreign_session(refusal)
        raise SessionNotFound from refusal


def log_foreign_session(refusal: SessionOwnedByAnotherKey) -> None:
    """Put down that a key reached for a session of another key of its team."""
    logger.warning(
        "A key reached for a session that another key of its team owns.",
        extra={
            "security_event": "session_owned_by_another_key",
            "caller_key": refusal.caller_prefix,
            "owner_key": refusal.owner_prefix,
        },
    )
