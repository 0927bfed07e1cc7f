"""Global ids: each finds its one thing again, and whatever else is sent finds nothing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.node import ID_MAXIMUM_LENGTH, LARGEST_BIGINT, global_id, parse_global_id
from tests.conftest import run_sql
from tests.processor_time import takes_less_than
from tests.schema.world import TeamRow, add_session, node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NODE = """query($id: ID!) { node(id: $id) {
    __typename id
    ... on Team { displayName } ... on ApiKey { team { id } } ... on Session { sessionId } ... on Message { content }
} }"""
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
TYPES = ["Team", "ApiKey", "Session", "Message"]


def ids_of(team: TeamRow) -> dict[str, str]:
    """Give an id of each type, whose rows all bear the same number."""
    return {
        "Team": team.node_id,
        "ApiKey": team.keys[0].node_id,
        "Session": team.sessions[0].node_id,
        "Message": team.sessions[0].messages[0],
    }


@pytest.fixture(scope="module")
def team(module_database: str) -> TeamRow:
    """A team with keys, sessions and messages."""
    return populate(module_database)[0]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("type_name", TYPES)
def test_a_node_is_found_by_the_id_that_it_shows(module_api: RunningApi, team: TeamRow, type_name: str) -> None:
    wanted = ids_of(team)[type_name]
    node = module_api.execute(NODE, {"id": wanted})["node"]
    own: dict[str, dict[str, object]] = {
        "Team": {"displayName": team.display_name},
        "ApiKey": {"team": {"id": team.node_id}},
        "Session": {"sessionId": team.sessions[0].session_id},
        "Message": {"content": "message 0"},
    }
    assert node == {"__typename": type_name, "id": wanted} | own[type_name]


def test_ids_that_clients_have_kept_go_on_working(module_api: RunningApi, team: TeamRow) -> None:
    kept = {"Team": "VGVhbTox", "ApiKey": "QXBpS2V5OjE=", "Session": "U2Vzc2lvbjox", "Message": "TWVzc2FnZTox"}
    assert kept == ids_of(team), "the ids below are meant to be of rows that exist"
    nodes = module_api.execute(NODES, {"ids": list(kept.values())})["nodes"]
    assert nodes == [{"__typename": type_name, "id": wanted} for type_name, wanted in kept.items()]


NOT_IDS = {
    "nothing": "",
    "a number": "1",
    "garbage": "garbage",
    "no base64": "§§§",
    "plain text": "Team:1",
    "no number": encoded("Team:"),
    "no type": encoded(":1"),
    "a word": encoded("Team:one"),
    "no row": encoded("Team:99"),
    "zero": encoded("Team:0"),
    "negative": encoded("Team:-1"),
    "signed": encoded("Team:+1"),
    "a leading zero": encoded("Team:01"),
    "a space": encoded("Team: 1"),
    "a line's end": encoded("Team:1\n"),
    "a fraction": encoded("Team:1.0"),
    "other digits": encoded("Team:\u0661"),
    "an underscore": encoded("Team:1_0"),
    "NUL": encoded("Team:1\x00"),
    "just beyond 31 bits": encoded(f"Team:{2**31}"),
    "just beyond 63 bits": encoded(f"Session:{2**63}"),
    "huge": encoded("Session:" + "9" * 5000),
    "a type of no nodes": encoded("EffectiveConfig:1"),
    "a table": encoded("teams:1"),
    "another case": encoded("team:1"),
    "an interface": encoded("Node:1"),
    "an attribute": encoded("__class__:1"),
    "without padding": "QXBpS2V5OjE",
    "with more padding": "QXBpS2V5OjE==",
    "bits that do not count": "QXBpS2V5OjF=",
    "a space behind": node_id("Team", 1) + " ",
    "a character that base64 leaves out": "\u00b7" + node_id("Team", 1),
    "a star inside": node_id("Team", 1)[:2] + "*" + node_id("Team", 1)[2:],
    "no text": base64.b64encode(b"\xff\xfe:1").decode(),
    "very long": "A" * 100_000,
}


@pytest.mark.parametrize("wanted", NOT_IDS.values(), ids=NOT_IDS)
def test_what_is_no_id_of_a_row_finds_nothing(module_api: RunningApi, team: TeamRow, wanted: str) -> None:
    assert module_api.execute(NODE, {"id": wanted}) == {"node": None}
    mixed = module_api.execute(NODES, {"ids": [wanted, team.node_id, wanted]})["nodes"]
    assert mixed == [None, {"__typename": "Team", "id": team.node_id}, None]


@settings(max_examples=20)
@given(noise=st.text(max_size=30) | st.binary(max_size=30).map(lambda noise: base64.b64encode(noise).decode()))
def test_noise_finds_nothing(module_api: RunningApi, noise: str) -> None:
    assert module_api.execute(NODE, {"id": noise}) == {"node": None}


@pytest.mark.parametrize("type_name", TYPES)
def test_an_id_is_good_for_its_own_type_only(module_api: RunningApi, team: TeamRow, type_name: str) -> None:
    """All rows bear the number 1, so an id that was taken for another type's would find something."""
    wanted = ids_of(team)[type_name]
    found = module_api.execute(
        """query($id: ID!) {
            team(by: {id: $id}) { id } session(by: {id: $id}) { id }
            ofTeam: sessions(filter: {teamId: $id}) { totalCount nodes { id } }
            byKey: session(by: {key: {platform: "platform-000", userId: "user-0", teamId: $id}}) { id }
        }""",
        {"id": wanted},
    )
    is_team = type_name == "Team"
    assert (found["team"] is not None) is is_team
    assert (found["byKey"] is not None) is is_team
    assert (found["session"] is not None) is (type_name == "Session")
    assert (found["ofTeam"]["totalCount"] > 0) is (len(found["ofTeam"]["nodes"]) > 0) is is_team


def test_many_nodes_keep_order_and_duplicates(module_api: RunningApi, team: TeamRow) -> None:
    ids = [*ids_of(team).values(), *team.sessions[1].messages, team.node_id, "nonsense", team.keys[1].node_id]
    ids += ids[::-1]
    nodes = module_api.execute(NODES, {"ids": ids})["nodes"]
    assert [node and node["id"] for node in nodes] == [None if wanted == "nonsense" else wanted for wanted in ids]


def test_at_most_100_nodes_are_asked_for_at_once(module_api: RunningApi, team: TeamRow) -> None:
    assert module_api.execute(NODES, {"ids": []}) == {"nodes": []}
    assert len(module_api.execute(NODES, {"ids": [team.node_id] * 100})["nodes"]) == 100
    error = module_api.error(NODES, {"ids": [team.node_id] * 101})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "`ids`" in error["message"]
    assert "100" in error["message"]


def test_sessions_with_ids_beyond_32_bits_are_found_too(api: RunningApi, database: str) -> None:
    """The ids of sessions are 64 bits wide."""
    add_session(database, "p", "u")
    run_sql(database, "UPDATE chat_sessions SET id = 3000000000")
    (session,) = api.execute("{ sessions { nodes { id } } }")["sessions"]["nodes"]
    assert session["id"] == node_id("Session", 3_000_000_000)
    assert api.execute(NODES, {"ids": [session["id"]]})["nodes"] == [{"__typename": "Session", **session}]


def test_what_is_too_long_for_an_id_is_not_decoded() -> None:
    """A request may hold one text of megabytes and use it a thousand times."""
    long = base64.b64encode(b"Team:" + b"1" * 1_400_000).decode()
    with takes_less_than(1):
        assert {parse_global_id(long) for _ in range(1_000)} == {(None, 0)}
    assert len(global_id("Message", LARGEST_BIGINT)) < ID_MAXIMUM_LENGTH
