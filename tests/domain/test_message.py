"""The bounds of messages to be stored."""

from __future__ import annotations

import pytest

from domain.errors import InputProblemCode, InvalidInput
from domain.message import BATCH_MAXIMUM, CONTENT_MAXIMUM_LENGTH, MessageRole, NewMessage, require_messages


def problems(*contents: str) -> list[tuple[tuple[str, ...], InputProblemCode]]:
    """Give what is wrong with a batch of these contents."""
    try:
        require_messages([NewMessage(MessageRole.USER, content) for content in contents])
    except InvalidInput as refusal:
        return [(problem.path, problem.code) for problem in refusal.problems]
    return []


def test_the_bounds_are_those_of_the_contract() -> None:
    assert (BATCH_MAXIMUM, CONTENT_MAXIMUM_LENGTH) == (100, 100_000)


@pytest.mark.parametrize(
    "content",
    [
        "x",
        " ",
        "\n",
        "\U0001f600",
        "\u202e",
        "\r\n\t\u2028",
        "x" * CONTENT_MAXIMUM_LENGTH,
        "\U0001f600" * CONTENT_MAXIMUM_LENGTH,
    ],
    ids=lambda content: f"{len(content)} of U+{ord(content[0]):04X}",
)
def test_content_is_whatever_a_person_or_a_model_wrote(content: str) -> None:
    """Characters count, not bytes; lines, tabs and what changes the direction of text are content too."""
    assert problems(content) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", InputProblemCode.TOO_SHORT),
        ("x" * (CONTENT_MAXIMUM_LENGTH + 1), InputProblemCode.TOO_LONG),
        ("a\x00b", InputProblemCode.MALFORMED),
        ("\x00", InputProblemCode.MALFORMED),
        ("a\ud800b", InputProblemCode.MALFORMED),
        ("a\udfff", InputProblemCode.MALFORMED),
        ("a\x07", InputProblemCode.MALFORMED),
        ("\x1b[2J", InputProblemCode.MALFORMED),
        ("\x9b2J", InputProblemCode.MALFORMED),
    ],
    ids=["empty", "too long", "NUL within", "NUL alone", "first half", "second half", "bell", "escape", "C1"],
)
def test_content_that_cannot_be_kept_is_refused(content: str, code: InputProblemCode) -> None:
    assert problems("fine", content) == [(("messages", "1", "content"), code)]


def test_every_message_of_a_batch_is_judged() -> None:
    assert problems("", "fine", "\x00") == [
        (("messages", "0", "content"), InputProblemCode.TOO_SHORT),
        (("messages", "2", "content"), InputProblemCode.MALFORMED),
    ]


@pytest.mark.parametrize(
    ("count", "code"),
    [
        (0, InputProblemCode.TOO_SHORT),
        (1, None),
        (BATCH_MAXIMUM, None),
        (BATCH_MAXIMUM + 1, InputProblemCode.TOO_LONG),
    ],
)
def test_the_bounds_of_a_batch(count: int, code: InputProblemCode | None) -> None:
    assert problems(*["x"] * count) == ([] if code is None else [(("messages",), code)])


def test_a_batch_that_is_too_long_is_not_gone_through() -> None:
    """Its answer would be as long as the batch."""
    assert problems(*[""] * 101) == [(("messages",), InputProblemCode.TOO_LONG)]
