"""Ids at every place that takes one: made up, tampered with or foreign, they find nothing and tell nothing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.schema.inputs.calls import calls
from tests.schema.inputs.outcomes import NOT_FOUND, inspect, outcome_of, send
from tests.schema.inputs.places import Place, body_with_variables, places
from tests.schema.teams.rows import unchanged
from tests.schema.world import TeamRow, node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

TYPES = ("Team", "ApiKey", "Session", "Message")
PLACES = {str(place): place for place in places("ID")}

FAR = st.integers(1000, 2**31 - 1) | st.integers(2**31, 2**70) | st.integers(max_value=0)
NUMBERS = FAR.map(str) | st.sampled_from(["01", "1.0", "1e3", " 1", "1 ", "+1", "1_0", "\u0661", "", "1:1", "9" * 5000])
NOT_IDS = st.one_of(
    st.builds("{}:{}".format, st.sampled_from([*TYPES, "team", "Query", "Node", "", "\x00"]), NUMBERS).map(
        lambda text: base64.b64encode(text.encode()).decode()
    ),
    st.binary(max_size=40).map(lambda noise: base64.b64encode(noise).decode()),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    FAR,
    st.sampled_from([node_id("Session", 2**63 - 1), node_id("Session", 2**63), node_id("Team", 2**31 - 1)]),
)


@pytest.fixture(scope="module")
def teams(module_database: str) -> list[TeamRow]:
    """Two teams with keys, sessions and messages."""
    return populate(module_database, teams=2)


@pytest.mark.parametrize("name", sorted(PLACES))
@settings(max_examples=12)
@given(given_id=NOT_IDS)
@example(given_id=node_id("Team", "01"))
@example(given_id=node_id("ApiKey", "01"))
@example(given_id=node_id("Session", "01"))
def test_what_names_no_row_finds_none(module_api: RunningApi, teams: list[TeamRow], name: str, given_id: str) -> None:
    place = PLACES[name]
    body = body_with_variables(place, calls(teams[0])[f"{place.type_name}.{place.field}"], given_id)
    assert outcome_of(module_api, body, place) == (NOT_FOUND if "admission" not in name else "BAD_USER_INPUT")


@pytest.mark.parametrize("name", sorted(PLACES))
def test_an_id_of_another_type_or_team_answers_as_one_of_nothing(
    module_api: RunningApi, module_database: str, teams: list[TeamRow], name: str
) -> None:
    """To a team's key. That the row is there makes no difference of a single letter."""
    place = PLACES[name]
    own, other = teams
    as_own = module_api.by(own.keys[0].secret)
    foreign = [other.node_id, other.keys[0].node_id, other.sessions[0].node_id, other.sessions[0].messages[0]]
    with unchanged(module_database):
        nothing = answer(as_own, place, own, node_id("Message", 2**31 - 1))
        assert [answer(as_own, place, own, wanted) for wanted in foreign] == [nothing] * len(foreign)


def answer(api: RunningApi, place: Place, team: TeamRow, wanted: str) -> Any:
    response = send(api, body_with_variables(place, calls(team)[f"{place.type_name}.{place.field}"], wanted))
    inspect(response)
    assert response.status_code == 200
    return response.json()
