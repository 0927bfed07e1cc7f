"""Who may serve which session, for every mutation that serves one; all others are answered as if there were none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType

from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.documents import public_schema
from tests.schema.sessions.documents import RESULTS, SERVING, opened, response, run, say
from tests.schema.teams.documents import type_name
from tests.schema.teams.ids import strange_ids
from tests.schema.teams.rows import unchanged
from tests.schema.world import node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

# Each kind of session, and those who may serve it.
MAY: dict[str, set[str]] = {
    "of a team, owned": {"admin", "owner"},
    "of a team, owned by nobody": {"admin", "owner", "other key of the team"},
    "of another team": {"admin", "key of another team"},
    "on telegram": {"admin", "telegram service"},
    "on a team's platform, of no team": {"admin", "internal service"},
    "on internal": {"admin", "internal service"},
}
CALLERS = ["admin", "owner", "other key of the team", "key of another team", "telegram service", "internal service"]
MODELS = {"on telegram": "google/gemini-2.5-flash"}


@dataclass
class Runtimes:
    """Everybody who may call, by their secrets, and a session of each kind."""

    secrets: dict[str, str]
    sessions: dict[str, str]


@pytest.fixture
def runtimes(api: RunningApi, database: str) -> Runtimes:
    one, two = populate(database, teams=2, sessions=0, platform_type="private")
    secrets = {
        "admin": ADMIN_KEY,
        "owner": one.keys[0].secret,
        "other key of the team": one.keys[1].secret,
        "key of another team": two.keys[0].secret,
        "telegram service": TELEGRAM_KEY,
        "internal service": INTERNAL_KEY,
    }
    sessions = {
        "of a team, owned": opened(api.by(secrets["owner"])),
        "of a team, owned by nobody": opened(api, teamId=one.node_id, userId="v"),
        "of another team": opened(api.by(secrets["key of another team"])),
        "on telegram": opened(api.by(TELEGRAM_KEY), platform="Telegram"),
        "on a team's platform, of no team": opened(api.by(INTERNAL_KEY), platform=one.platform_name),
        "on internal": opened(api.by(INTERNAL_KEY), platform="internal"),
    }
    for session in sessions.values():
        say(api, session["id"], "Hello")
    return Runtimes(secrets, {kind: session["id"] for kind, session in sessions.items()})


@pytest.mark.parametrize("mutation", SERVING)
def test_a_session_is_served_by_those_who_may_and_by_nobody_else(
    api: RunningApi, database: str, runtimes: Runtimes, mutation: str
) -> None:
    assert set(MAY) == set(runtimes.sessions)
    for kind, session in runtimes.sessions.items():
        rest = {
            **SERVING[mutation],
            **({"model": MODELS[kind]} if "model" in SERVING[mutation] and kind in MODELS else {}),
        }
        for caller in CALLERS:
            by = api.by(runtimes.secrets[caller])
            if caller in MAY[kind]:
                result = run(by, mutation, sessionId=session, **rest)
                assert result["__typename"] == f"{type_name(mutation)}Success", (caller, kind, result)
            else:
                with unchanged(database):
                    result = run(by, mutation, sessionId=session, **rest)
                assert result["__typename"] == "SessionNotFound", (caller, kind, result)


@pytest.mark.parametrize("mutation", SERVING)
@pytest.mark.parametrize("caller", [caller for caller in CALLERS if caller != "admin"])
def test_what_a_caller_may_not_serve_is_answered_to_the_byte_as_what_is_not_there(
    api: RunningApi, runtimes: Runtimes, mutation: str, caller: str
) -> None:
    by = api.by(runtimes.secrets[caller])
    absent = response(by, mutation, sessionId=node_id("Session", 999_999), **SERVING[mutation])
    assert absent.json()["data"]["result"]["__typename"] == "SessionNotFound"
    for kind, session in runtimes.sessions.items():
        if caller not in MAY[kind]:
            answer = response(by, mutation, sessionId=session, **SERVING[mutation])
            assert (answer.status_code, answer.content) == (absent.status_code, absent.content), kind
            assert answer.headers.keys() == absent.headers.keys()


@pytest.mark.parametrize("mutation", SERVING)
def test_ids_that_name_no_session_change_nothing_and_ask_for_nothing(
    api: RunningApi, database: str, runtimes: Runtimes, mutation: str
) -> None:
    """Ids of another type and forged ones are told from rows without a look at the database."""
    assert runtimes.sessions["of a team, owned"] == node_id("Session", 1)
    absent = response(api, mutation, sessionId=node_id("Session", 999_999), **SERVING[mutation])
    never_written = [wanted for wanted in strange_ids("Session") if wanted != node_id("Session", 999_999)]
    # Rows of sessions are numbered with 64 bits, so these are ids like any other.
    possible = {node_id("Session", 2**31 - 1), node_id("Session", 2**31), node_id("Session", 2**63 - 1)}
    with unchanged(database):
        for strange in [*never_written, *possible, node_id("Session", 2**63), node_id("Message", 1)]:
            with api.counted() as statements:
                answer = response(api, mutation, sessionId=strange, **SERVING[mutation])
            assert answer.content == absent.content, strange
            assert strange in possible or statements == [], strange


@pytest.mark.parametrize("mutation", RESULTS)
def test_no_mutation_can_be_refused_in_a_way_that_is_not_tested(mutation: str) -> None:
    """Members of the result union that these tests do not know would go untested."""
    union = public_schema().type_map[f"{type_name(mutation)}Result"]
    assert isinstance(union, GraphQLUnionType)
    members = {member.name for member in union.types if isinstance(member, GraphQLObjectType)}
    assert members == {f"{type_name(mutation)}Success"} | RESULTS[mutation][1]
