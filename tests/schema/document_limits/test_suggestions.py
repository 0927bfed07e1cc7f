"""What else there is, is told to whom the setting says: to nobody else, wherever the library would suggest it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from schema.documents.exploration import Exploration
from tests.running_api import RunningApi, running_api
from tests.schema.world import populate

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE = "mutation($input: CreateTeamInput!) { createTeam(input: $input) { __typename } }"
MISTAKES: dict[str, tuple[str, dict[str, Any]]] = {
    "a field of the root": ("{ viewr { kind } }", {}),
    "a field": ("{ viewer { kin } }", {}),
    "a field of a type that may be meant": ("{ node(id: 1) { displayName } }", {}),
    "a field in a fragment": ("{ viewer { ...F } } fragment F on Viewer { kin }", {}),
    "a field of a mutation": ("mutation { createTeams { __typename } }", {}),
    "a type of a condition": ("{ viewer { ... on Viewr { kind } } }", {}),
    "a type of a fragment": ("{ viewer { kind ...F } } fragment F on Viewr { kind }", {}),
    "a type of a variable": ("query($by: TeamB) { viewer { kind } team(by: $by) { id } }", {}),
    "an argument": ("{ teams(firs: 1) { totalCount } }", {}),
    "an argument of a directive": ("{ viewer { kind @skip(iff: true, if: false) } }", {}),
    "a field of an input": ("{ team(by: {idd: 1}) { id } }", {}),
    "a field of an input in a variable": ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {"idd": 1}}),
    "a field of an input in a default": ("query($by: TeamBy! = {idd: 1}) { team(by: $by) { id } }", {}),
    "a field of an input within another": (
        CREATE,
        {"input": {"displayName": "a", "platformName": "b", "overrides": {"rateLimi": 1}}},
    ),
    "a value of an enum": ("{ platformDefaults(platformType: PUBLI) { model } }", {}),
    "a value of an enum in quotes": ('{ platformDefaults(platformType: "PUBLIC") { model } }', {}),
    "a value of an enum in a variable": (
        "query($type: PlatformType!) { platformDefaults(platformType: $type) { model } }",
        {"type": "PUBLI"},
    ),
    "a value of an enum in a default": (
        "query($type: PlatformType = PUBLI) { teams(filter: {platformType: $type}) { totalCount } }",
        {},
    ),
    "a value of an enum in a list of a variable": (
        "query($filter: TeamFilter) { teams(filter: $filter) { totalCount } }",
        {"filter": {"overrides": ["RATE_LIMI"]}},
    ),
}


@pytest.fixture(scope="module")
def callers(module_database: str) -> Iterator[tuple[RunningApi, RunningApi]]:
    """An administrator, who may look around, and a team, which may not."""
    (team,) = populate(module_database)
    with running_api(module_database, graphql_exploration=Exploration.ADMINS) as api:
        yield api, api.by(team.keys[0].secret)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_names_are_suggested_to_whom_the_setting_says(callers: tuple[RunningApi, RunningApi], mistake: str) -> None:
    admin, team = callers
    document, variables = MISTAKES[mistake]
    told = " ".join(error["message"] for error in admin.post(document, variables).json()["errors"])
    suggested = {name for said in re.findall(r"Did you mean (.*?)\?", told) for name in re.findall(r"'(\w+)'", said)}
    assert suggested, told
    answer = team.post(document, variables).text
    assert "Did you mean" not in answer
    unsent = {name for name in suggested if not re.search(rf"\b{name}\b", f"{document} {variables}")}
    assert not {name for name in unsent if re.search(rf"\b{name}\b", answer)}
