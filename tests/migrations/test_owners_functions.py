"""Functions that act with the rights of their owner do nothing else for anybody, whatever is put in their way."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from migrations import runner
from tests.conftest import run_sql
from tests.migrations.rows import execute, select
from tests.migrations.usage import OWNERS, assert_exact, connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

    from tests.migrations.usage import Connection

COUNTING = "07e3b5c1d892"
BEFORE_FUNCTIONS = "a6810fd24c7b"
FUNCTIONS = {
    "platform_config_note_messages",
    "platform_config_add_usage",
    "platform_config_empty_usage_totals",
}
OWNERS_FUNCTIONS = "SELECT proname FROM pg_proc WHERE prosecdef"
UNSAFE = """
    SELECT proname FROM pg_proc WHERE prosecdef AND (
        proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']
        OR EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee <> proowner)
    )
"""
MAY_MAKE_TRIGGERS = """
    SELECT relname, grantee::regrole::text FROM pg_class, aclexplode(relacl)
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND grantee <> relowner
        AND relname NOT IN ('teams', 'api_keys', 'messages', 'usage_logs')
        AND privilege_type IN ('TRIGGER', 'REFERENCES')
"""
# Each has an argument type that fits the functions' own expressions better than what PostgreSQL has.
TRAPS = (
    *(
        f"CREATE FUNCTION {{schema}}.{signature} RETURNS {result} LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE 'a trap was sprung'; END $$"
        for signature, result in (
            ("equal(varchar, varchar)", "boolean"),
            ("platform_config_note_conversation(varchar, integer, varchar, integer, timestamptz, timestamptz)", "void"),
            ("concat_ws(text, varchar, integer, varchar)", "text"),
            ("md5(varchar)", "text"),
            ("abs(integer)", "integer"),
            ("round(numeric, bigint)", "numeric"),
            ("pg_try_advisory_xact_lock(bigint, bigint)", "boolean"),
            ("format(text, name)", "text"),
        )
    ),
    "CREATE OPERATOR {schema}.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = {schema}.equal)",
)
WORK = (
    "INSERT INTO {schema}.messages (team_id, platform, user_id, role, content) VALUES (1, 'one', 'u', 'user', '')",
    (
        "INSERT INTO {schema}.messages (team_id, platform, user_id, role, content, created_at)"
        " VALUES (1, 'one', 'u', 'user', '', '9999-01-01'), (NULL, 'one', 'v', 'user', '', '2026-01-01')"
    ),
    "UPDATE {schema}.messages SET user_id = 'w' WHERE team_id IS NULL",
    (
        "INSERT INTO {schema}.usage_logs (team_id, api_key_id, session_id, platform, estimated_cost)"
        " VALUES (1, 1, 's', 'one', 0.5), (NULL, NULL, 's', 'one', 'NaN'), (2, 2, 's', 'two', NULL)"
    ),
    "UPDATE {schema}.usage_logs SET request_count = 5 WHERE team_id = 1",
    "DELETE FROM {schema}.usage_logs WHERE team_id = 2",
)


@pytest.fixture
def stranger(fresh_database: str, url: URL) -> Iterator[str]:
    """The name of an account that has no rights but those of everybody."""
    name = f"stranger_of_{url.database}"
    run_sql(fresh_database, f"CREATE ROLE {name}")
    yield name
    run_sql(fresh_database, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@asynccontextmanager
async def acting_as(url: URL, account: str) -> AsyncIterator[Connection]:
    async with connected(url) as connection:
        await connection.execute(f"SET ROLE {account}")
        yield connection


async def grant_work(engine: AsyncEngine, stranger: str, *, schema: str = "public") -> None:
    """Let an account write messages and logs, as the earlier service's own may, and see nothing of this service."""
    tables = f"{schema}.messages, {schema}.usage_logs"
    await execute(
        engine,
        f"GRANT USAGE ON SCHEMA {schema} TO {stranger}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {tables} TO {stranger}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {stranger}",
    )


async def assert_work_counts(url: URL, stranger: str, *, schema: str = "public") -> None:
    """Have the account write, and hold that sessions and totals follow."""
    async with acting_as(url, stranger) as connection:
        for statement in WORK:
            await connection.execute(statement.format(schema=schema))
    async with connected(url) as connection:
        await connection.execute(f"SET search_path = pg_catalog, {schema}")
        sessions = await connection.fetch("SELECT team_id, user_id FROM chat_sessions ORDER BY id")
        assert list(map(tuple, sessions)) == [(1, "u"), (None, "v"), (None, "w")]
        assert await connection.fetchval("SELECT sum(requests) FROM usage_totals") == 6
        await assert_exact(connection)
    async with acting_as(url, stranger) as connection:
        await connection.execute(f"TRUNCATE {schema}.usage_logs")
    async with connected(url) as connection:
        assert await connection.fetch(f"SELECT FROM {schema}.usage_totals") == []


async def test_nobody_else_may_execute_a_function_that_has_its_owners_rights(existing: AsyncEngine) -> None:
    for revision in runner.revisions()[1:]:
        await runner.upgrade(existing, revision, report=print)
        assert await select(existing, UNSAFE) == [], f"at {revision}"
    assert {name for (name,) in await select(existing, OWNERS_FUNCTIONS)} == FUNCTIONS
    await runner.downgrade(existing, COUNTING, report=print)
    assert await select(existing, UNSAFE) == []
    assert {name for (name,) in await select(existing, OWNERS_FUNCTIONS)} == FUNCTIONS


async def test_default_privileges_let_nobody_make_a_trigger_that_the_functions_fire(
    existing: AsyncEngine, url: URL, stranger: str
) -> None:
    """Whatever a trigger on a table of ours did, it would do with the rights of the functions' owner."""
    await execute(existing, f'ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO "{stranger}" WITH GRANT OPTION')
    await runner.upgrade(existing, report=print)
    assert await select(existing, MAY_MAKE_TRIGGERS) == []
    async with acting_as(url, stranger) as connection:
        await connection.execute(
            "CREATE FUNCTION pg_temp.evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        )
        for table in ("chat_sessions", "usage_totals"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(
                    f"CREATE TRIGGER evil BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION pg_temp.evil()"
                )


async def test_a_trigger_that_somebody_made_before_stops_the_upgrade(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, BEFORE_FUNCTIONS, report=print)
    await execute(
        existing,
        "CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER evil BEFORE INSERT ON chat_sessions FOR EACH ROW EXECUTE FUNCTION evil()",
    )
    with pytest.raises(DBAPIError, match="chat_sessions has a trigger that somebody else made"):
        await runner.upgrade(existing, report=print)


@pytest.mark.parametrize(
    ("path", "rights"),
    [("pg_catalog, pg_temp", "GRANT"), ("pg_catalog, public, pg_temp", "REVOKE"), ("pg_catalog", "REVOKE")],
)
async def test_a_function_that_others_may_execute_or_mislead_would_be_found(
    existing: AsyncEngine, path: str, rights: str
) -> None:
    await execute(
        existing,
        "CREATE FUNCTION careless() RETURNS void LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = {path} AS $$ BEGIN END $$",
        f"{rights} ALL ON FUNCTION careless() {'TO' if rights == 'GRANT' else 'FROM'} PUBLIC",
    )
    assert await select(existing, UNSAFE) == [("careless",)]


async def test_default_privileges_let_nobody_execute_them(existing: AsyncEngine, stranger: str) -> None:
    await execute(existing, f'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO "{stranger}" WITH GRANT OPTION')
    await runner.upgrade(existing, report=print)
    assert await select(existing, UNSAFE) == []


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
async def test_an_account_cannot_make_one_the_trigger_of_its_own_table(
    existing: AsyncEngine, url: URL, stranger: str, function: str
) -> None:
    await runner.upgrade(existing, report=print)
    async with acting_as(url, stranger) as connection:
        await connection.execute("CREATE TEMPORARY TABLE own (id integer, team_id integer, api_key_id integer)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"function .*{function}"):
            await connection.execute(
                "CREATE TRIGGER own AFTER INSERT ON own REFERENCING NEW TABLE AS written"
                f" FOR EACH STATEMENT EXECUTE FUNCTION public.{function}()"
            )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"function .*{function}"):
            await connection.execute(f"SELECT public.{function}()")
        assert not await connection.fetchval("SELECT has_function_privilege($1, 'execute')", f"public.{function}()")


@pytest.mark.parametrize("revision", [COUNTING, runner.HEAD])
async def test_what_an_account_may_create_is_not_taken_for_what_the_functions_use(
    existing: AsyncEngine, url: URL, stranger: str, revision: str
) -> None:
    await execute(existing, *OWNERS)
    await runner.upgrade(existing, revision, report=print)
    await execute(existing, f"GRANT CREATE ON SCHEMA public TO {stranger}")
    await grant_work(existing, stranger)
    async with acting_as(url, stranger) as connection:
        for trap in TRAPS:
            await connection.execute(trap.format(schema="public"))
        await connection.execute("CREATE TEMPORARY TABLE chat_sessions (id integer)")
    # Whoever looks for names there is trapped.
    with pytest.raises(DBAPIError, match="a trap was sprung"):
        await select(existing, "SELECT 'a'::varchar = 'b'::varchar")
    await assert_work_counts(url, stranger)


async def test_the_functions_work_in_any_schema_and_for_any_search_path(
    engine: AsyncEngine, url: URL, stranger: str
) -> None:
    schema = '"It\'s a ""schema"""'
    database = engine.url.database
    await execute(engine, f"CREATE SCHEMA {schema}", f"ALTER DATABASE {database} SET search_path = {schema}")
    await runner.upgrade(engine, report=print)
    await execute(engine, *OWNERS, f"ALTER DATABASE {database} RESET search_path")
    await grant_work(engine, stranger, schema=schema)
    assert await select(engine, UNSAFE) == []
    await assert_work_counts(url, stranger, schema=schema)
    await execute(engine, f"DROP SCHEMA {schema} CASCADE")


async def test_a_function_of_that_name_that_somebody_else_made_is_not_made_ours(
    existing: AsyncEngine, url: URL, stranger: str
) -> None:
    """It would be the trigger of our table, and its maker could change it."""
    await execute(existing, f"GRANT CREATE ON SCHEMA public TO {stranger}")
    async with acting_as(url, stranger) as connection:
        await connection.execute(
            "CREATE FUNCTION public.platform_config_add_usage() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NULL; END $$"
        )
    with pytest.raises(DBAPIError, match="already exists"):
        await runner.upgrade(existing, report=print)
    assert await select(existing, "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'platform_config_add_usage%'") == []
