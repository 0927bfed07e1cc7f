"""The text of messages is counted to the byte, however late that is done and whatever alphabet it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import ARRAY, Text, bindparam, func, literal_column, select

from db.statement import Statement
from db.text_budget import TextBudget, TooMuchText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.database import Database
    from db.text_budget import Columns

MAXIMUM = 144_000
CHARACTERS = ("a", "ж", "€", "𝄞")  # of one byte to four


async def read(budget: TextBudget, database: Database, *texts: str, rows_maximum: int | None = None) -> Sequence[str]:
    """Read messages that hold these texts."""
    found = await budget.read(
        database, messages, {"texts": texts}, rows_maximum=len(texts) if rows_maximum is None else rows_maximum
    )
    assert all(number == 7 for number, _ in found)
    return [message.content for _, message in found]


def messages(columns: Columns) -> Statement:
    """Give the statement that makes messages of texts."""
    texts: Any = func.unnest(bindparam("texts", type_=ARRAY(Text)))
    given = texts.table_valued("content", with_ordinality="id").render_derived("given")
    rows = select(
        given.c.id,
        literal_column("'user'").label("role"),
        literal_column("now()").label("created_at"),
        literal_column("NULL::timestamptz").label("cleared_at"),
        given.c.content,
    ).subquery()
    return Statement(select(literal_column("7"), *columns(rows)))


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize(("pieces", "rows_maximum"), [(1, 1), (3, 3), (3, 50)])
async def test_what_a_statement_has_read_is_not_there_for_the_next(
    opened: Database, character: str, pieces: int, rows_maximum: int
) -> None:
    """Neither a byte more nor one less, whether each text was within its share or all were added up."""
    texts = [character * (MAXIMUM // 2 // pieces // len(character.encode()))] * pieces
    budget = TextBudget(MAXIMUM)
    assert await read(budget, opened, *texts, rows_maximum=rows_maximum) == texts
    with pytest.raises(TooMuchText):
        await read(budget, opened, "b" * (MAXIMUM // 2 + 1))
    rest = "b" * (MAXIMUM // 2)
    assert await read(budget, opened, rest) == [rest]
    assert await read(budget, opened, "") == [""]
    with pytest.raises(TooMuchText):
        await read(budget, opened, "b")


async def test_what_is_refused_takes_nothing(opened: Database) -> None:
    budget = TextBudget(MAXIMUM)
    for _ in range(2):
        with pytest.raises(TooMuchText):
            await read(budget, opened, "a" * (MAXIMUM + 1))
    assert budget.longest == 0
    assert await read(budget, opened, "a" * MAXIMUM) == ["a" * MAXIMUM]


async def test_one_text_may_take_the_share_of_others(opened: Database) -> None:
    texts = ["ж" * (MAXIMUM // 4), "", "a" * (MAXIMUM // 2)]
    assert await read(TextBudget(MAXIMUM), opened, *texts) == texts
    with pytest.raises(TooMuchText):
        await read(TextBudget(MAXIMUM), opened, *texts, "a")


@pytest.mark.parametrize(
    "texts",
    [
        *(([character * length], ["a" * length, character]) for character in CHARACTERS for length in (1, 1999, 2001)),
        (["𝄞" * 20_000], ["a" * 50_000]),
        (["a" * 50_000], ["𝄞"]),
        ([], [""]),
    ],
)
async def test_no_text_is_longer_than_the_longest(opened: Database, texts: Sequence[Sequence[str]]) -> None:
    """Else an answer that shows one many times would be written before it is found too large."""
    budget = TextBudget(MAXIMUM)
    sizes = [0]
    for of_statement in texts:
        assert await read(budget, opened, *of_statement) == of_statement
        sizes += [len(text.encode()) for text in of_statement]
        assert max(sizes) <= budget.longest <= 4 * max(sizes)


async def test_long_texts_that_take_a_byte_for_each_character_count_as_they_are(opened: Database) -> None:
    """Answers with them would be looked at for nothing."""
    budget = TextBudget(MAXIMUM)
    await read(budget, opened, "a" * 20_000, "b")
    assert budget.longest == 20_000
