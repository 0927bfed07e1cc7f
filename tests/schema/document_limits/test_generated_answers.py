"""Documents made at random over the whole schema, what it tells of itself included: whoever asks, no defect shows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tests.abandoned_coroutines import FILTERS
from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.document_limits.generated_documents import generated_documents
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi


# What the rule of validation says of asking for the fields of the types of fields of types.
TOO_DEEP = {"Maximum introspection depth exceeded"}


@pytest.fixture(scope="module")
def team(module_database: str) -> TeamRow:
    return populate(module_database, teams=3, sessions=2, messages=3)[0]


GENERATION = settings(
    max_examples=300,
    deadline=None,
    # Making a failure smaller would take minutes.
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SIZES = st.integers(0, 3)
CALLERS = st.sampled_from(["an administrator", "a team", "telegram", "internal"])


@GENERATION
@given(document=generated_documents(), size=SIZES, caller=CALLERS)
def test_no_document_meets_a_defect(
    module_api: RunningApi, team: TeamRow, caplog: pytest.LogCaptureFixture, document: str, size: int, caller: str
) -> None:
    """Whatever is asked about the data, by whomever, the answer is one that the schema foresees."""
    assert_no_defect(module_api, team, caplog, document, size, caller)


@pytest.mark.filterwarnings(*FILTERS)
@pytest.mark.usefixtures("garbage_collected_here")
@GENERATION
@given(document=generated_documents(introspection=True), size=SIZES, caller=CALLERS)
def test_no_document_about_the_schema_meets_a_defect(
    module_api: RunningApi, team: TeamRow, caplog: pytest.LogCaptureFixture, document: str, size: int, caller: str
) -> None:
    """Whatever is asked about the schema as well, which the library executes."""
    assert_no_defect(module_api, team, caplog, document, size, caller)


def assert_no_defect(
    module_api: RunningApi, team: TeamRow, caplog: pytest.LogCaptureFixture, document: str, size: int, caller: str
) -> None:
    """A caller is told what it did wrong, if anything; the log knows of no defect either."""
    keys = {"an administrator": ADMIN_KEY, "a team": team.keys[0].secret, "telegram": TELEGRAM_KEY}
    variables = {"team": team.node_id, "session": team.sessions[0].node_id, "size": size}
    caplog.clear()
    response = module_api.by(keys.get(caller, INTERNAL_KEY)).post(document, variables)
    errors = response.json().get("errors", [])
    codes = {error["extensions"]["code"] for error in errors if error["message"] not in TOO_DEEP}
    event(f"{caller}: {response.status_code} {sorted(codes)}")
    assert response.status_code in (200, 400), (response.text, document)
    assert codes <= {"LIMIT_EXCEEDED", "BAD_USER_INPUT", "FORBIDDEN"}, (response.text, document)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
