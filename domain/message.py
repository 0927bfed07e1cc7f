"""Messages to be stored."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import InputProblem, InputProblemCode, InvalidInput
from domain.text import text_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BATCH_MAXIMUM = 100
CONTENT_MAXIMUM_LENGTH = 100_000


class MessageRole(enum.Enum):
    """Who wrote a message; the values are those stored."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be stored. Its content is kept to the letter."""

    role: MessageRole
    content: str


def require_messages(messages: Sequence[NewMessage]) -> None:
    """Check a batch: 1 to 100 messages, each of 1 to 100,000 characters: lines, tabs and no other control characters.

    Raises:
        InvalidInput: every bound that is broken.
    """
    if problems := list(_problems(messages)):
        raise InvalidInput(problems)


def _problems(messages: Sequence[NewMessage]) -> Iterator[InputProblem]:
    if not messages:
        yield InputProblem(("messages",), InputProblemCode.TOO_SHORT, "messages needs at least 1 message.")
    if len(messages) > BATCH_MAXIMUM:
        yield InputProblem(
            ("messages",),
            InputProblemCode.TOO_LONG,
            f"messages may hold at most {BATCH_MAXIMUM} messages; this holds {len(messages)}.",
        )
        return
    for position, message in enumerate(messages):
        path, label = ("messages", str(position), "content"), f"messages[{position}].content"
        if not message.content:
            yield InputProblem(path, InputProblemCode.TOO_SHORT, f"{label} needs at least 1 character.")
        yield from text_problems(message.content, path, label=label, maximum_length=CONTENT_MAXIMUM_LENGTH)
