"""createTeam: what it refuses, of which nothing is left, and names that only look alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.teams.documents import create, document, problems_of, run
from tests.schema.teams.names import PRIVATE_MODELS, REFUSED_NAMES
from tests.schema.teams.rows import unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NAMES = {"displayName": "Acme", "platformName": "acme"}


@pytest.mark.parametrize("field", NAMES)
def test_a_name_beyond_its_bounds_is_refused(api: RunningApi, database: str, field: str) -> None:
    with unchanged(database):
        for name, code in REFUSED_NAMES:
            assert problems_of(run(api, "createTeam", **{**NAMES, field: name})) == [(field, code)], name


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"monthlyQuota": -1}, [("monthlyQuota", "TOO_SMALL")]),
        ({"dailyQuota": -(2**31)}, [("dailyQuota", "TOO_SMALL")]),
        ({"overrides": {"rateLimit": 0}}, [("overrides.rateLimit", "TOO_SMALL")]),
        ({"overrides": {"maxHistory": 101}}, [("overrides.maxHistory", "TOO_LARGE")]),
        ({"overrides": {"defaultModel": " "}}, [("overrides.defaultModel", "TOO_SHORT")]),
        ({"overrides": {"availableModels": []}}, [("overrides.availableModels", "TOO_SHORT")]),
        (
            {"displayName": "", "dailyQuota": -1, "overrides": {"availableModels": ["a", "", " a"]}},
            [
                ("displayName", "TOO_SHORT"),
                ("dailyQuota", "TOO_SMALL"),
                ("overrides.availableModels.1", "TOO_SHORT"),
                ("overrides.availableModels.2", "DUPLICATE"),
            ],
        ),
    ],
)
def test_input_beyond_its_bounds_is_refused_with_every_problem(
    api: RunningApi, database: str, change: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    with unchanged(database):
        assert problems_of(run(api, "createTeam", **{**NAMES, **change})) == problems


def test_values_of_a_wrong_type_never_reach_the_database(api: RunningApi, database: str) -> None:
    wrong: list[dict[str, Any]] = [
        {"platformName": ["a", "b"]},
        {"displayName": None},
        {"displayName": 5},
        {"platformType": None},
        {"platformType": "private"},
        {"monthlyQuota": 2**31},
        {"monthlyQuota": 1.5},
        {"monthlyQuota": "5"},
        {"dailyQuota": True},
        {"overrides": {"availableModels": ["a", None]}},
        {"overrides": {"unheardOf": 1}},
        {"unheardOf": 1},
    ]
    with unchanged(database), api.counted() as statements:
        for change in wrong:
            error = api.error(document("createTeam"), {"input": {**NAMES, **change}})
            assert error["extensions"]["code"] == "BAD_USER_INPUT", change
    assert statements == []


def test_a_lone_surrogate_is_no_text(api: RunningApi, database: str) -> None:
    with unchanged(database):
        error = api.error(r'mutation { createTeam(input: {displayName: "a\ud800", platformName: "a"}) { __typename } }')
        assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
        content = rb'{"query": "mutation ($n: String!) { createTeam(input: {displayName: $n, platformName: $n})'
        content += rb' { __typename } }", "variables": {"n": "a\ud800"}}'
        headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
        response = api.client.post(f"{api.address}/graphql", content=content, headers=headers)
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("again", ["Acme", " Acme\n"])
def test_a_taken_name_is_refused_by_its_stored_form(api: RunningApi, database: str, again: str) -> None:
    create(api, displayName="Acme", platformName="Acme")
    with unchanged(database):
        taken = run(api, "createTeam", displayName=again, platformName="other")
        assert (taken["__typename"], taken["displayName"]) == ("DisplayNameTaken", "Acme")
        taken = run(api, "createTeam", displayName="Other", platformName=again)
        assert (taken["__typename"], taken["platformName"]) == ("PlatformNameTaken", "Acme")


def test_names_differ_by_case_and_a_display_name_may_equal_another_teams_platform_name(api: RunningApi) -> None:
    create(api, displayName="acme", platformName="Acme")
    create(api, displayName="Acme", platformName="acme")


def test_composed_and_decomposed_spellings_are_one_name(api: RunningApi, database: str) -> None:
    create(api, platformName="Caf\u00e9")
    with unchanged(database):
        assert run(api, "createTeam", displayName="x", platformName="Cafe\u0301")["__typename"] == "PlatformNameTaken"


@pytest.mark.parametrize(
    ("overrides", "model", "available"),
    [
        ({"defaultModel": "z"}, "z", PRIVATE_MODELS),
        ({"defaultModel": "z", "availableModels": ["a", "b"]}, "z", ["a", "b"]),
        ({"defaultModel": "openai/gpt-5-chat", "availableModels": ["a"]}, "openai/gpt-5-chat", ["a"]),
    ],
)
def test_a_default_model_has_to_be_available(
    api: RunningApi, database: str, overrides: dict[str, Any], model: str, available: list[str]
) -> None:
    with unchanged(database):
        refused = run(api, "createTeam", **NAMES, overrides=overrides)
    assert refused["__typename"] == "ModelNotAvailable"
    assert (refused["model"], refused["availableModels"]) == (model, available)
