"""Tables that do not fit are refused with a list of all that is wrong, and nothing of them is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations import runner
from migrations.errors import LockUnavailable, MisfitDatabase
from tests.migrations.earlier_misfits import MISFITS
from tests.migrations.earlier_service import DESCRIBED, everything, make
from tests.migrations.rows import execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine


async def refuse(engine: AsyncEngine, *, adopting: bool = True) -> str:
    """Try to migrate, hold that it was refused before anybody was asked, and give the list."""
    asked: list[str] = []

    def ask() -> bool:
        asked.append("asked")
        return True

    with pytest.raises(MisfitDatabase, match="Nothing was changed") as refused:
        await runner.upgrade(engine, report=print, consent=ask if adopting else None)
    assert asked == []
    return str(refused.value)


def listed(refusal: str) -> dict[str, list[str]]:
    """Read the list: what is said, by the table it is said of."""
    by_table: dict[str, list[str]] = {}
    table = ""
    for line in refusal.splitlines()[1:-1]:
        if line.startswith("    "):
            by_table[table].append(line.strip())
        else:
            table = line.strip().removesuffix(":")
            by_table[table] = []
    return by_table


@pytest.mark.parametrize(("change", "table", "said"), MISFITS, ids=[said[:50] for _, _, said in MISFITS])
async def test_what_does_not_fit_is_refused_and_left_as_it_is(
    engine: AsyncEngine, change: str, table: str, said: str
) -> None:
    await make(engine, *change.split(";"))
    before = await everything(engine)

    found = listed(await refuse(engine))

    assert await everything(engine) == before
    assert said in "\n".join(found[table])
    assert sum(map(len, found.values())) == 1, "nothing else is wrong"


async def test_all_that_is_wrong_is_told_at_once_table_by_table(engine: AsyncEngine) -> None:
    await make(
        engine,
        "ALTER TABLE messages DROP COLUMN role",
        "ALTER TABLE teams ALTER platform_name TYPE text",
        "DROP TABLE usage_logs",
        "ALTER TABLE api_keys DROP CONSTRAINT api_keys_team_id_fkey",
        "UPDATE api_keys SET team_id = 99, created_at = NULL WHERE id = 1",
        "CREATE TABLE team_revisions (id integer)",
    )
    found = listed(await refuse(engine))
    assert {table: len(lines) for table, lines in found.items()} == {
        "the database": 1,
        "teams": 1,
        "api_keys": 2,
        "messages": 1,
        "usage_logs": 1,
    }


@pytest.mark.parametrize("adopting", [False, True])
async def test_tables_of_an_old_shape_are_refused_though_they_bear_the_revision(
    engine: AsyncEngine, *, adopting: bool
) -> None:
    """The revision was stamped on tables from before it: teams had another name and webhooks, and messages none."""
    await make(
        engine,
        "DROP TABLE messages",
        "ALTER TABLE teams DROP COLUMN display_name",
        "ALTER TABLE teams RENAME platform_name TO name",
        "ALTER TABLE teams ADD webhook_url varchar(500), ADD webhook_secret varchar(64) NOT NULL DEFAULT ''",
        version=DESCRIBED,
    )
    before = await everything(engine)

    refusal = await refuse(engine, adopting=adopting)
    found = listed(refusal)

    assert await everything(engine) == before
    assert "Tables and columns that are missing come with later migrations of the earlier service's own." in refusal
    # Nobody should drop what could stay.
    assert ("Columns that are not of that revision need not go" in refusal) is not adopting
    assert found["messages"] == ["is missing"]
    told = "\n".join(found["teams"])
    for said in ("has no column display_name", "has no column platform_name", "has a column name that"):
        assert said in told
    # They could stay, if nothing else were wrong and somebody agreed.
    for column in ("webhook_url", "webhook_secret"):
        assert (f"has a column {column} that is not of that revision" in told) is not adopting


async def test_where_only_further_columns_are_in_the_way_the_refusal_says_who_takes_them(engine: AsyncEngine) -> None:
    await make(engine, "ALTER TABLE teams ADD COLUMN webhook_url text", version=DESCRIBED)
    refusal = await refuse(engine, adopting=False)
    assert listed(refusal) == {"teams": ["has a column webhook_url that is not of that revision"]}
    assert "`python -m graphql_api migrate --adopt` can take them over" in refusal


@pytest.fixture
async def stranger(engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """An engine whose account owns nothing."""
    name = f"stranger_of_{engine.url.database}"
    await execute(engine, f"CREATE ROLE {name} LOGIN")
    other = create_async_engine(engine.url.set(username=name), poolclass=NullPool)
    yield other
    await other.dispose()
    await execute(engine, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


async def test_an_account_that_may_not_change_the_tables_is_told_so(engine: AsyncEngine, stranger: AsyncEngine) -> None:
    await make(engine)
    before = await everything(engine)
    account = stranger.url.username

    found = listed(await refuse(stranger))

    assert await everything(engine) == before
    owner = engine.url.username
    wrong = (
        f"belongs to {owner}, so that {account} may not change it: migrate as {owner}, or GRANT {owner} TO {account}"
    )
    assert "CREATE ON SCHEMA" in found.pop("the database")[0]
    assert found == {table: [wrong] for table in ("teams", "api_keys", "messages", "usage_logs")}


async def test_an_account_that_may_act_as_the_owner_is_welcome(engine: AsyncEngine, stranger: AsyncEngine) -> None:
    await make(engine)
    owner = f"owner_of_{engine.url.database}"
    tables = ("teams", "api_keys", "messages", "usage_logs")
    await execute(
        engine,
        f"CREATE ROLE {owner}",
        f"GRANT CREATE ON SCHEMA public TO {owner}",
        *(f"ALTER TABLE {table} OWNER TO {owner}" for table in tables),
        f"GRANT {owner} TO {stranger.url.username}",
    )
    try:
        await runner.upgrade(stranger, report=print, consent=lambda: True)
    finally:
        await execute(engine, f"DROP OWNED BY {stranger.url.username}, {owner}", f"DROP ROLE {owner}")


async def test_a_table_that_cannot_even_be_read_is_waited_for_briefly(engine: AsyncEngine) -> None:
    await make(engine)
    async with engine.connect() as other:
        await other.execute(text("LOCK TABLE api_keys"))
        with pytest.raises(LockUnavailable, match="Nothing was changed"):
            await runner.upgrade(engine, report=print, consent=lambda: True)
