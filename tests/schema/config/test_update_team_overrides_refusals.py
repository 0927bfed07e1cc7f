"""updateTeamOverrides: what it refuses, up to the bounds of what it takes, and how broken values are mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.config.overrides import change
from tests.schema.teams.documents import create, document, problems_of
from tests.schema.teams.ids import encoded
from tests.schema.teams.names import FIRST_MODEL, PRIVATE_MODELS, REFUSED_NAMES, SECOND_MODEL
from tests.schema.teams.rows import insert_past_constraints, unchanged, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi

MODELS_OF_100 = [f"model-{number}" for number in range(100)]


@pytest.mark.parametrize(
    ("setting", "edges"),
    [
        ("rateLimit", (1, 1000)),
        ("maxHistory", (1, 100)),
        ("allowModelSwitch", (True, False)),
        ("availableModels", (["m"], MODELS_OF_100, ["m" * 255])),
        ("availableModels", (["a", "A", "a b", "ä"],)),
    ],
)
def test_the_bounds_themselves_are_allowed(api: RunningApi, setting: str, edges: tuple[Any, ...]) -> None:
    team = create(api)["team"]
    for edge in edges:
        changed = change(api, team, **{setting: edge})["team"]
        assert changed["overrides"][setting] == edge
        assert changed["effectiveConfig"][setting] == edge
        assert changed["effectiveConfig"]["violations"] == []


def test_values_beyond_their_bounds_are_refused_with_every_problem(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        *(
            ({name: given}, [(name, code)])
            for name, maximum in (("rateLimit", 1000), ("maxHistory", 100))
            for given, code in (
                (0, "TOO_SMALL"),
                (-(2**31), "TOO_SMALL"),
                (maximum + 1, "TOO_LARGE"),
                (2**31 - 1, "TOO_LARGE"),
            )
        ),
        *(({"defaultModel": name}, [("defaultModel", code)]) for name, code in REFUSED_NAMES),
        *(({"availableModels": ["a", name]}, [("availableModels.1", code)]) for name, code in REFUSED_NAMES),
        ({"availableModels": []}, [("availableModels", "TOO_SHORT")]),
        ({"availableModels": [*MODELS_OF_100, "z"]}, [("availableModels", "TOO_LONG")]),
        ({"availableModels": ["a", "b", "a"]}, [("availableModels.2", "DUPLICATE")]),
        ({"availableModels": ["caf\u00e9", " cafe\u0301 "]}, [("availableModels.1", "DUPLICATE")]),
        (
            {"rateLimit": 0, "maxHistory": 101, "defaultModel": "", "availableModels": ["a", "\x00", "a"]},
            [
                ("rateLimit", "TOO_SMALL"),
                ("maxHistory", "TOO_LARGE"),
                ("defaultModel", "TOO_SHORT"),
                ("availableModels.1", "MALFORMED"),
                ("availableModels.2", "DUPLICATE"),
            ],
        ),
    ]
    with unchanged(database):
        for overrides, problems in cases:
            found = problems_of(change(api, team, **overrides))
            assert found == [(f"overrides.{path}", code) for path, code in problems], overrides


def test_values_of_a_wrong_type_are_the_callers_mistake(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    wrong: list[dict[str, Any]] = [
        {"rateLimit": "5"},
        {"rateLimit": 1.5},
        {"rateLimit": True},
        {"maxHistory": 2**31},
        {"defaultModel": 5},
        {"defaultModel": ["a"]},
        {"availableModels": ["a", None]},
        {"availableModels": {"a": 1}},
        {"availableModels": [["a"]]},
        {"allowModelSwitch": "true"},
        {"allowModelSwitch": 1},
        {"unheardOf": 1},
    ]
    with unchanged(database):
        for overrides in wrong:
            error = api.error(document("updateTeamOverrides"), {"input": {"id": team["id"], "overrides": overrides}})
            assert error["extensions"]["code"] == "BAD_USER_INPUT", overrides


@pytest.mark.parametrize(
    ("stored", "overrides", "model", "available"),
    [
        # The model leaves the models; the models leave the model; both at once; the defaults' models come back.
        ({}, {"defaultModel": "z"}, "z", PRIVATE_MODELS),
        ({"availableModels": [FIRST_MODEL]}, {"defaultModel": SECOND_MODEL}, SECOND_MODEL, [FIRST_MODEL]),
        ({"defaultModel": SECOND_MODEL}, {"availableModels": [FIRST_MODEL]}, SECOND_MODEL, [FIRST_MODEL]),
        ({}, {"defaultModel": "z", "availableModels": ["a", "b"]}, "z", ["a", "b"]),
        ({"defaultModel": "z", "availableModels": ["z"]}, {"availableModels": None}, "z", PRIVATE_MODELS),
        ({"availableModels": ["a"]}, {"defaultModel": "A"}, "A", ["a"]),
    ],
)
def test_the_default_model_has_to_be_among_the_models_that_result(
    api: RunningApi,
    database: str,
    stored: dict[str, Any],
    overrides: dict[str, Any],
    model: str,
    available: list[str],
) -> None:
    team = create(api, overrides=stored)["team"]
    with unchanged(database):
        refused = change(api, team, **overrides, rateLimit=9)
    assert refused["__typename"] == "ModelNotAvailable"
    assert (refused["model"], refused["availableModels"]) == (model, available)


def test_what_contradicts_alone_is_accepted_together(api: RunningApi) -> None:
    team = create(api, overrides={"defaultModel": "z", "availableModels": ["z"]})["team"]
    config = change(api, team, availableModels=["a", "b"], defaultModel="b")["team"]["effectiveConfig"]
    assert (config["model"], config["violations"]) == ("b", [])
    config = change(api, team, availableModels=None, defaultModel=None)["team"]["effectiveConfig"]
    assert (config["model"], config["violations"]) == (FIRST_MODEL, [])


BROKEN = [
    ("rate_limit", "0", "rateLimit"),
    ("max_history", "101", "maxHistory"),
    ("default_model", "''", "defaultModel"),
    ("available_models", "'[]'", "availableModels"),
    ("available_models", "'{}'", "availableModels"),
    ("available_models", "'\"text\"'", "availableModels"),
    ("available_models", """'["a", "a"]'""", "availableModels"),
]


@pytest.mark.parametrize(("column", "stored", "setting"), BROKEN)
def test_a_broken_value_that_a_change_would_leave_is_named(
    api: RunningApi, database: str, column: str, stored: str, setting: str
) -> None:
    team = {"id": encoded(f"Team:{insert_past_constraints(database, **{column: stored})}")}
    with unchanged(database):
        assert problems_of(change(api, team, allowModelSwitch=False)) == [(f"overrides.{setting}", "NOT_ALLOWED")]


@pytest.mark.parametrize(("column", "stored", "setting"), [*BROKEN, ("available_models", "'null'", "availableModels")])
def test_null_repairs_a_broken_value(api: RunningApi, database: str, column: str, stored: str, setting: str) -> None:
    """Also JSON's own null, which reads as not overridden and yet keeps the row from being changed."""
    team = {"id": encoded(f"Team:{insert_past_constraints(database, **{column: stored})}")}
    repaired = change(api, team, **{setting: None})
    assert repaired["__typename"] == "UpdateTeamOverridesSuccess"
    assert value(database, f"SELECT {column} IS NULL FROM teams")  # noqa: S608 - from above
    assert change(api, team, allowModelSwitch=False)["__typename"] == "UpdateTeamOverridesSuccess"
