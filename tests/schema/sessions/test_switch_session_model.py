"""switchSessionModel: a choice among today's available models, where today's configuration lets anybody choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.running_api import TELEGRAM_KEY, running_api
from tests.schema.sessions.documents import MODEL, opened, run, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.documents import run as run_on_team
from tests.schema.teams.rows import unchanged, value
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

PRIVATE_MODEL = "openai/gpt-5-chat"


@pytest.fixture
def team(database: str) -> TeamRow:
    """A private team without a session."""
    return populate(database, sessions=0, platform_type="private")[0]


@pytest.fixture
def session(api: RunningApi, team: TeamRow) -> str:
    """A session of the team's first key."""
    opened_id: str = opened(api.by(team.keys[0].secret))["id"]
    return opened_id


def override(api: RunningApi, team: TeamRow, **overrides: Any) -> None:
    """Change what the team overrides."""
    result = run_on_team(api, "updateTeamOverrides", id=team.node_id, overrides=overrides)
    assert result["__typename"] == "UpdateTeamOverridesSuccess", result


def test_a_switch_shows_at_once_and_in_every_later_answer(api: RunningApi, team: TeamRow, session: str) -> None:
    by = api.by(team.keys[0].secret)
    assert show(api, session, "currentModel") == {"currentModel": PRIVATE_MODEL}
    switched = succeed(by, "switchSessionModel", sessionId=session, model=MODEL)["session"]
    assert (switched["id"], switched["currentModel"]) == (session, MODEL)
    assert switched["effectiveConfig"]["model"] == PRIVATE_MODEL
    assert opened(by)["currentModel"] == MODEL
    assert show(api, session, "currentModel") == {"currentModel": MODEL}


def test_a_name_is_found_by_its_stored_form(api: RunningApi, session: str) -> None:
    switched = succeed(api, "switchSessionModel", sessionId=session, model=f"  {MODEL}\n")["session"]
    assert switched["currentModel"] == MODEL


@pytest.mark.parametrize("model", ["", " ", "nope", MODEL.upper(), "a\x00b", "x" * 10_000, "google/gemini", "%"])
def test_a_model_that_is_not_available_is_refused(api: RunningApi, database: str, session: str, model: str) -> None:
    with unchanged(database):
        refused = run(api, "switchSessionModel", sessionId=session, model=model)
    assert refused["__typename"] == "ModelNotAvailable"
    assert refused["model"] == (model.strip() if len(model) <= 255 else "x" * 199 + "…")
    assert len(refused["message"]) < 1000
    assert (
        refused["availableModels"]
        == show(api, session, "effectiveConfig { availableModels }")["effectiveConfig"]["availableModels"]
    )


def test_the_teams_own_models_count_and_not_the_platforms(api: RunningApi, team: TeamRow, session: str) -> None:
    override(api, team, availableModels=["own/one", "own/two"], defaultModel="own/one")
    assert run(api, "switchSessionModel", sessionId=session, model=MODEL)["__typename"] == "ModelNotAvailable"
    switched = succeed(api, "switchSessionModel", sessionId=session, model="own/two")["session"]
    assert switched["currentModel"] == "own/two"


def test_a_choice_that_is_gone_falls_back_and_comes_back(api: RunningApi, team: TeamRow, session: str) -> None:
    succeed(api, "switchSessionModel", sessionId=session, model=MODEL)
    override(api, team, availableModels=["own/one"], defaultModel="own/one")
    assert opened(api.by(team.keys[0].secret))["currentModel"] == "own/one"
    override(api, team, availableModels=None, defaultModel=None)
    assert opened(api.by(team.keys[0].secret))["currentModel"] == MODEL


def test_a_refused_switch_leaves_the_earlier_choice(api: RunningApi, session: str) -> None:
    succeed(api, "switchSessionModel", sessionId=session, model=MODEL)
    run(api, "switchSessionModel", sessionId=session, model="nope")
    assert show(api, session, "currentModel") == {"currentModel": MODEL}


def test_where_nobody_may_switch_administrators_may_not_either(
    api: RunningApi, database: str, team: TeamRow, session: str
) -> None:
    override(api, team, allowModelSwitch=False)
    for secret in (api.key, team.keys[0].secret):
        with unchanged(database):
            refused = run(api.by(secret), "switchSessionModel", sessionId=session, model=MODEL)
        assert refused["__typename"] == "ModelSwitchNotAllowed"
        assert "allowModelSwitch" in refused["message"]
    override(api, team, allowModelSwitch=None)
    succeed(api, "switchSessionModel", sessionId=session, model=MODEL)


def test_whether_switching_is_allowed_is_told_before_whether_the_model_is_there(
    api: RunningApi, team: TeamRow, session: str
) -> None:
    override(api, team, allowModelSwitch=False)
    assert run(api, "switchSessionModel", sessionId=session, model="nope")["__typename"] == "ModelSwitchNotAllowed"


def test_users_who_administer_a_platform_are_not_exempt(database: str) -> None:
    """Without a team the defaults of the process say whether anybody may switch."""
    with running_api(database, telegram_admin_users=("42",), telegram_allow_model_switch=False) as api:
        session = opened(api.by(TELEGRAM_KEY), platform="telegram", userId="42")
        assert (session["isAdmin"], session["effectiveConfig"]["allowModelSwitch"]) == (True, False)
        model = session["effectiveConfig"]["availableModels"][1]
        for secret in (TELEGRAM_KEY, api.key):
            refused = run(api.by(secret), "switchSessionModel", sessionId=session["id"], model=model)
            assert refused["__typename"] == "ModelSwitchNotAllowed"
    assert value(database, "SELECT chosen_model FROM chat_sessions") is None


def test_each_session_has_a_choice_of_its_own(api: RunningApi, team: TeamRow, session: str) -> None:
    other = opened(api.by(team.keys[0].secret), userId="other")["id"]
    succeed(api, "switchSessionModel", sessionId=session, model=MODEL)
    assert show(api, other, "currentModel") == {"currentModel": PRIVATE_MODEL}


def test_the_models_of_a_platform_are_those_of_the_process(database: str) -> None:
    """A model that another process offered, and this one does not, is a choice that rests."""
    with running_api(database, internal_models=("a", "b"), internal_default_model="a") as api:
        session = opened(api, platform="web")["id"]
        succeed(api, "switchSessionModel", sessionId=session, model="b")
    with running_api(database, internal_models=("a",), internal_default_model="a") as api:
        assert show(api, session, "currentModel") == {"currentModel": "a"}
        assert run(api, "switchSessionModel", sessionId=session, model="b")["__typename"] == "ModelNotAvailable"
