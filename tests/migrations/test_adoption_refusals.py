"""Tables that do not fit are refused with a list of all that is wrong, and nothing of them is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations import runner
from migrations.errors import LockUnavailable, MisfitDatabase
from tests.migrations.earlier_service import DESCRIBED, everything, make
from tests.migrations.rows import execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

# What was done to the earlier service's tables, the table that is to blame, and what is said about it.
MISFITS = [
    ("DROP TABLE messages", "messages", "is missing"),
    (
        "ALTER TABLE messages RENAME TO m; CREATE VIEW messages AS TABLE m",
        "messages",
        "is of the kind view, and has to be",
    ),
    ("ALTER TABLE messages SET UNLOGGED", "messages", "is of the kind unlogged table, and has to be"),
    ("ALTER TABLE teams DROP COLUMN platform_name", "teams", "has no column platform_name (character varying(255))"),
    (
        "ALTER TABLE teams ALTER display_name TYPE varchar(300)",
        "teams",
        "has a column display_name of the type character varying(300), expected is character varying(255)",
    ),
    ("ALTER TABLE usage_logs ALTER id TYPE bigint", "usage_logs", "has a column id of the type bigint"),
    (
        "ALTER TABLE messages ALTER created_at TYPE timestamptz",
        "messages",
        "has a column created_at of the type timestamp with time zone",
    ),
    (
        (
            "ALTER TABLE usage_logs DROP COLUMN tokens_used,"
            " ADD COLUMN tokens_used integer GENERATED ALWAYS AS (request_count * 2) STORED"
        ),
        "usage_logs",
        "has a column tokens_used that is generated and cannot be written",
    ),
    (
        "ALTER TABLE teams ADD COLUMN name text NOT NULL DEFAULT 'x'; ALTER TABLE teams ALTER name DROP DEFAULT",
        "teams",
        "has a column name that needs a value and has no default",
    ),
    ("ALTER TABLE teams ADD COLUMN platform_type text", "teams", "has a column platform_type, the name of a column"),
    ("ALTER TABLE api_keys ADD COLUMN previous_key_hash text", "api_keys", "has a column previous_key_hash, the name"),
    (
        "ALTER TABLE messages DROP CONSTRAINT messages_pkey, ADD PRIMARY KEY (id, platform)",
        "messages",
        "has to have its primary key on id, and it is on id, platform",
    ),
    (
        "ALTER TABLE messages DROP CONSTRAINT messages_pkey",
        "messages",
        "has to have its primary key on id, and it is missing",
    ),
    ("ALTER TABLE messages ALTER id DROP DEFAULT", "messages", "has a column id that no sequence fills"),
    (
        "ALTER TABLE messages ALTER role DROP NOT NULL; UPDATE messages SET role = NULL WHERE id > 3",
        "messages",
        "has rows without a value in role (2): give them one; to see them: SELECT * FROM messages WHERE role IS NULL",
    ),
    (
        "ALTER TABLE teams ALTER is_active SET DEFAULT false",
        "teams",
        "has false as the default of is_active, expected is true",
    ),
    (
        "ALTER TABLE teams ALTER created_at SET DEFAULT '2020-01-01'",
        "teams",
        "has '2020-01-01 00:00:00'::timestamp without time zone as the default of created_at",
    ),
    (
        "ALTER TABLE teams ALTER created_at SET DEFAULT now() - interval '1 hour'",
        "teams",
        "as the default of created_at, expected is timezone('utc', now())",
    ),
    (
        "DROP INDEX ix_teams_platform_name; UPDATE teams SET platform_name = 'twice' WHERE id IN (2, 3)",
        "teams",
        "has values of platform_name in more than one row (1): leave each in one; to see them: SELECT platform_name",
    ),
    (
        "DROP INDEX ix_teams_platform_name; CREATE INDEX ix_teams_platform_name ON teams (platform_name)",
        "teams",
        "has an index ix_teams_platform_name that is not unique, btree (platform_name); expected is unique, btree",
    ),
    (
        "DROP INDEX ix_messages_user_id; CREATE INDEX ix_messages_user_id ON messages (role)",
        "messages",
        "has an index ix_messages_user_id that is not unique, btree (role); expected is not unique, btree (user_id)",
    ),
    (
        "DROP INDEX ix_messages_user_id; CREATE INDEX ix_messages_user_id ON messages (user_id) WHERE team_id IS NULL",
        "messages",
        "has an index ix_messages_user_id that is not unique, btree (user_id) WHERE (team_id IS NULL)",
    ),
    (
        "DROP INDEX ix_messages_user_id; CREATE INDEX ix_messages_user_id ON teams (id)",
        "messages",
        "lacks the index ix_messages_user_id on user_id, whose name is taken (index of teams)",
    ),
    (
        "ALTER TABLE api_keys ADD UNIQUE (team_id, name)",
        "api_keys",
        "has another unique index api_keys_team_id_name_key on btree (team_id, name)",
    ),
    (
        "CREATE UNIQUE INDEX lower_names ON teams (lower(display_name))",
        "teams",
        "has another unique index lower_names on btree (lower((display_name)::text))",
    ),
    (
        "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey; UPDATE messages SET team_id = 99 WHERE id < 4",
        "messages",
        "has rows whose team_id is no id of teams (3): give them one that exists, or remove them; to see them: SELECT",
    ),
    (
        (
            "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey; CREATE TABLE places (id integer PRIMARY KEY);"
            " ALTER TABLE messages ADD CONSTRAINT k FOREIGN KEY (team_id) REFERENCES places NOT VALID"
        ),
        "messages",
        "has a foreign key k from team_id to places (id), which rows of this service would not satisfy",
    ),
    (
        (
            "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey,"
            " ADD CONSTRAINT messages_team_id_fkey CHECK (team_id > 0)"
        ),
        "messages",
        "lacks the foreign key from team_id to teams, whose name messages_team_id_fkey is taken: rename that",
    ),
    (
        "ALTER TABLE teams ADD CONSTRAINT ck_teams_revision CHECK (id > 0)",
        "teams",
        "has a constraint ck_teams_revision, a name that this service needs: rename it",
    ),
    ("CREATE TABLE chat_sessions (id integer)", "the database", "has something named chat_sessions (table)"),
    ("CREATE VIEW team_revisions AS SELECT 1", "the database", "has something named team_revisions (view)"),
    (
        "CREATE INDEX ix_messages_session ON messages (role)",
        "the database",
        "has something named ix_messages_session (index of messages), which this service makes itself: rename it",
    ),
]


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

    found = listed(await refuse(engine, adopting=adopting))

    assert await everything(engine) == before
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
