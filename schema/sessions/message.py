"""Messages."""

from datetime import datetime
from typing import Self

import strawberry

from db.queries import messages as message_queries
from db.text_budget import StoredMessage
from domain.message import MessageRole
from schema.cost_directives import cost
from schema.node import Node, global_id
from schema.pagination import Ordering

OLDEST_FIRST = Ordering("messages", message_queries.OLDEST_FIRST)


@strawberry.type(description="A message of a session.")
class Message(Node):
    """A message of a session."""

    role: MessageRole = strawberry.field(description="Who wrote it.")
    # The one field without a small bound: an answer may hold no more of them than fit into memory.
    content: str = strawberry.field(description="The text.", directives=[cost(3)])
    created_at: datetime = strawberry.field(description="When it was stored.")
    cleared_at: datetime | None = strawberry.field(
        description="When it left the session's context; null: it still belongs to it."
    )

    @classmethod
    def from_row(cls, row: StoredMessage) -> Self:
        """Build the type from its row."""
        message = cls.__new__(cls)
        message.id = global_id(cls.__name__, row.id)
        message.role = MessageRole.USER if row.role == "user" else MessageRole.ASSISTANT
        message.content = row.content
        message.created_at = row.created_at
        message.cleared_at = row.cleared_at
        return message
