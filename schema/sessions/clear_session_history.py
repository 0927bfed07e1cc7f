"""Clearing the context of a session."""

from typing import Annotated

import strawberry

from db.commands import clear_session_history as command
from schema.context import Info
from schema.errors import SessionNotFound
from schema.scalars import as_int
from schema.sessions.serving import named_session, serve
from schema.sessions.session import Session


@strawberry.input(description="The session whose context is to be empty.")
class ClearSessionHistoryInput:
    """The session whose context is to be empty."""

    session_id: strawberry.ID = strawberry.field(description="The session, by its global id.")


@strawberry.type(description="The session's messages are marked as cleared; all of them are kept.")
class ClearSessionHistorySuccess:
    """The session's messages are marked as cleared."""

    session: Session = strawberry.field(description="The session as it is now.")
    cleared_messages: int = strawberry.field(
        description="How many messages were cleared just now; those cleared before are not counted again."
    )


ClearSessionHistoryResult = Annotated[
    ClearSessionHistorySuccess | SessionNotFound,
    strawberry.union("ClearSessionHistoryResult", description="What came of clearing the context."),
]


async def clear_session_history(
    info: Info,
    wanted: Annotated[ClearSessionHistoryInput, strawberry.argument(name="input", description="The session.")],
) -> ClearSessionHistoryResult:
    """Clear the context."""
    row_id = named_session(wanted.session_id)
    row, cleared = await serve(
        info.context, lambda transaction: command.clear_session_history(transaction, info.context.viewer, row_id)
    )
    return ClearSessionHistorySuccess(session=Session.from_row(row), cleared_messages=as_int(cleared))
