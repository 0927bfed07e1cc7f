"""Storing messages of a session."""

from typing import Annotated

import strawberry

from db.commands import append_messages as command
from domain.message import BATCH_MAXIMUM, MessageRole, NewMessage, require_messages
from schema.context import Info
from schema.cost_directives import ListSize
from schema.errors import InvalidInput, SessionNotFound
from schema.sessions.message import Message
from schema.sessions.serving import named_session, serve
from schema.sessions.session import Session


@strawberry.input(description="A message to be stored.")
class MessageInput:
    """A message to be stored."""

    role: MessageRole = strawberry.field(description="Who wrote it.")
    content: str = strawberry.field(
        description="The text: 1 to 100,000 characters, kept to the letter; of control characters, only lines and tabs."
    )


@strawberry.input(description="Messages to be stored in a session, all or none.")
class AppendMessagesInput:
    """Messages to be stored in a session."""

    session_id: strawberry.ID = strawberry.field(description="The session, by its global id.")
    messages: list[MessageInput] = strawberry.field(description="1 to 100 messages, the oldest first.")


@strawberry.type(description="The messages were stored after all that the session had.")
class AppendMessagesSuccess:
    """The messages were stored."""

    session: Session = strawberry.field(description="The session as it is now.")
    messages: list[Message] = strawberry.field(
        description="The messages as they were stored, in their order.",
        directives=[ListSize(assumed_size=BATCH_MAXIMUM)],
    )


AppendMessagesResult = Annotated[
    AppendMessagesSuccess | InvalidInput | SessionNotFound,
    strawberry.union("AppendMessagesResult", description="What came of storing messages."),
]


async def append_messages(
    info: Info,
    wanted: Annotated[AppendMessagesInput, strawberry.argument(name="input", description="The messages to store.")],
) -> AppendMessagesResult:
    """Store messages."""
    messages = [NewMessage(message.role, message.content) for message in wanted.messages]
    require_messages(messages)
    row_id = named_session(wanted.session_id)
    row, stored = await serve(
        info.context, lambda transaction: command.append_messages(transaction, info.context.viewer, row_id, messages)
    )
    return AppendMessagesSuccess(
        session=Session.from_row(row), messages=[Message.from_row(message) for message in stored]
    )
