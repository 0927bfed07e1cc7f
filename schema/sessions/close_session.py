"""Closing a session."""

from typing import Annotated

import strawberry

from db.commands import close_session as command
from schema.context import Info
from schema.errors import SessionNotFound
from schema.sessions.serving import named_session, serve


@strawberry.input(description="The session to be closed.")
class CloseSessionInput:
    """The session to be closed."""

    session_id: strawberry.ID = strawberry.field(description="The session, by its global id.")


@strawberry.type(
    description="The session is over: not active until it is opened again. Its messages stay, and what was still "
    "under way may be stored and recorded."
)
class CloseSessionSuccess:
    """The session is over."""

    closed_session_id: strawberry.ID = strawberry.field(description="The session's id.")


CloseSessionResult = Annotated[
    CloseSessionSuccess | SessionNotFound,
    strawberry.union("CloseSessionResult", description="What came of closing a session."),
]


async def close_session(
    info: Info,
    wanted: Annotated[CloseSessionInput, strawberry.argument(name="input", description="The session to close.")],
) -> CloseSessionResult:
    """Close a session."""
    row_id = named_session(wanted.session_id)
    await serve(info.context, lambda transaction: command.close_session(transaction, info.context.viewer, row_id))
    return CloseSessionSuccess(closed_session_id=wanted.session_id)
