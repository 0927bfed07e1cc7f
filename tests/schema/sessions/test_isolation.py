"""Sessions are served alike whatever isolation somebody made the default of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import run_sql
from tests.running_api import running_api
from tests.schema.sessions.documents import run
from tests.schema.teams.at_once import at_once
from tests.schema.teams.documents import create

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

CALLERS = 20


@pytest.fixture
def isolated(migrated_database: str) -> Iterator[RunningApi]:
    """A server over a database whose transactions are serializable unless they say otherwise."""
    name = migrated_database.rpartition("/")[2].partition("?")[0]
    run_sql(migrated_database, f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with running_api(migrated_database) as api:
        yield api


def test_callers_at_once_are_all_served(isolated: RunningApi) -> None:
    key = isolated.by(create(isolated)["issuedApiKey"]["secret"])
    opened = at_once(CALLERS, lambda _: run(key, "openSession", userId="u"))
    assert [result["created"] for result in opened].count(True) == 1
    session = opened[0]["session"]["id"]
    message = {"role": "USER", "content": "Hello"}
    at_once(CALLERS, lambda _: run(key, "appendMessages", sessionId=session, messages=[message]))
    admitted = "mutation($id: ID!) { admitRequest(input: {sessionId: $id}) { __typename } }"
    at_once(CALLERS, lambda _: key.execute(admitted, {"id": session}))
    shown = key.execute("query($id: ID!) { session(by: {id: $id}) { totalMessageCount } }", {"id": session})
    assert shown["session"] == {"totalMessageCount": CALLERS}
