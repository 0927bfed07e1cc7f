"""What each mutation of runtimes costs in SQL statements: the same for a session of 3 messages and of 300."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.running_api import TELEGRAM_KEY, RunningApi
from tests.schema.sessions.documents import SERVING, document
from tests.schema.teams.documents import type_name
from tests.schema.world import add_session, populate

if TYPE_CHECKING:
    from collections.abc import Mapping

# A key of a team is looked up by each request; an admin and a service are known without a statement. Keeping the team
# while its session changes is one statement, and where there can be no team there is none.
COSTS = {
    ("admin", "openSession"): 2,
    ("admin", "switchSessionModel"): 3,
    ("admin", "appendMessages"): 3,
    ("admin", "clearSessionHistory"): 3,
    ("admin", "closeSession"): 2,
    ("key", "openSession"): 2,
    ("key", "switchSessionModel"): 4,
    ("key", "appendMessages"): 4,
    ("key", "clearSessionHistory"): 4,
    ("key", "closeSession"): 3,
    ("service", "openSession"): 1,
    ("service", "switchSessionModel"): 2,
    ("service", "appendMessages"): 2,
    ("service", "clearSessionHistory"): 2,
    ("service", "closeSession"): 1,
}
"""What the change itself costs."""

# The team, the key that owns the session, the count and the context: one statement each, and none twice.
OF_THE_PAYLOAD = {"admin": 4, "key": 4, "service": 2}
"""What it costs besides to show all of the session."""

BARE = "mutation ($input: %sInput!) { result: %s(input: $input) { __typename } }"


@dataclass
class Caller:
    """Who calls, and the session that it serves."""

    api: RunningApi
    opening: Mapping[str, Any]
    session: str
    model: str

    def statements(self, mutation: str, text: str) -> list[str]:
        """Run a mutation that has to succeed, and give its statements."""
        if mutation == "openSession":
            given = {**self.opening, "userId": "u"}
        else:
            model = {"model": self.model} if "model" in SERVING[mutation] else {}
            given = {"sessionId": self.session, **SERVING[mutation], **model}
        with self.api.counted() as statements:
            result = self.api.execute(text, {"input": given})["result"]
        assert result["__typename"] == f"{type_name(mutation)}Success", result
        return statements


def caller(api: RunningApi, database: str, kind: str, messages: int) -> Caller:
    """Make a caller with a session of as many messages."""
    (team,) = populate(database, sessions=0, platform_type="private", max_history=30)
    # So that no use of a key is written in the background meanwhile.
    run_sql(database, "UPDATE api_keys SET last_used_at = timezone('utc', now())")
    rows = [{"content": f"{number}"} for number in range(messages)]
    if kind == "service":
        session = add_session(database, "telegram", "u", messages=rows)
        return Caller(api.by(TELEGRAM_KEY), {"platform": "telegram"}, session, "google/gemini-2.5-flash")
    session = add_session(database, team.platform_name, "u", team=team.id, messages=rows, api_key_id=team.keys[0].id)
    by = api if kind == "admin" else api.by(team.keys[0].secret)
    return Caller(by, {"teamId": team.node_id} if kind == "admin" else {}, session, "openai/gpt-4.1")


@pytest.mark.parametrize("messages", [3, 300])
@pytest.mark.parametrize("shown", ["nothing", "all"])
@pytest.mark.parametrize(("kind", "mutation"), COSTS)
def test_how_many_statements_a_mutation_takes(
    api: RunningApi, database: str, kind: str, mutation: str, shown: str, messages: int
) -> None:
    text = document(mutation) if shown == "all" else BARE % (type_name(mutation), mutation)
    statements = caller(api, database, kind, messages).statements(mutation, text)
    of_payload = OF_THE_PAYLOAD[kind] if shown == "all" and mutation != "closeSession" else 0
    assert len(statements) == COSTS[kind, mutation] + of_payload, statements


@pytest.mark.parametrize("kind", OF_THE_PAYLOAD)
def test_a_new_session_is_made_with_one_statement_more(api: RunningApi, database: str, kind: str) -> None:
    by = caller(api, database, kind, 0)
    text = (BARE % ("OpenSession", "openSession")).replace("__typename", "... on OpenSessionSuccess { created }")
    with by.api.counted() as statements:
        result = by.api.execute(text, {"input": {**by.opening, "userId": "somebody new"}})["result"]
    assert result == {"created": True}
    assert len(statements) == COSTS[kind, "openSession"] + 1, statements


def test_as_many_messages_are_stored_with_as_few_statements(api: RunningApi, database: str) -> None:
    by = caller(api, database, "key", 0)
    text = BARE % ("AppendMessages", "appendMessages")
    batch = [{"role": "USER", "content": f"{number}"} for number in range(100)]
    with by.api.counted() as statements:
        by.api.execute(text, {"input": {"sessionId": by.session, "messages": batch}})
    assert len(statements) == COSTS["key", "appendMessages"], statements


def test_a_key_that_reaches_for_anothers_session_costs_one_statement_more(api: RunningApi, database: str) -> None:
    """The prefix of the owner, for the log."""
    by = caller(api, database, "key", 3)
    run_sql(database, "UPDATE chat_sessions SET api_key_id = 2")
    text = BARE % ("OpenSession", "openSession")
    with by.api.counted() as statements:
        result = by.api.execute(text, {"input": {"userId": "u"}})["result"]
    assert result == {"__typename": "SessionOwnedByAnotherKey"}
    assert len(statements) == COSTS["key", "openSession"] + 1, statements
