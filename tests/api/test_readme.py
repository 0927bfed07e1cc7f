"""What the README shows is what happens: its operations run in order, and their answers are compared."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from graphql_api.settings import SettingsWithDefaults
from tests.running_api import ADMIN_KEY, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```\n+```json\n(.*?)```", README, re.DOTALL)
FIRST_QUERY = re.findall(r"'(\{\"query\".*?\})'\n```\n+```json\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def trial(migrated_database: str) -> Iterator[RunningApi]:
    with running_api(migrated_database, super_admin_api_keys=SecretStr(f"local-trial:{ADMIN_KEY}")) as api:
        yield api


def test_every_operation_of_the_readme_gives_the_answer_it_shows(trial: RunningApi) -> None:
    assert len(EXAMPLES) == README.count("```graphql")
    for operation, answer in EXAMPLES:
        assert _without_secrets(trial.post(operation).json()) == json.loads(answer), operation


def test_first_query_of_the_readme_gives_the_answer_it_shows(trial: RunningApi) -> None:
    ((body, answer),) = FIRST_QUERY
    assert trial.post(json.loads(body)["query"]).json() == json.loads(answer)


def test_readme_lists_every_setting_and_no_other() -> None:
    table = README.partition("### Settings")[2].partition("### ")[0]
    listed = {
        name
        for row in re.findall(r"^\| (`[A-Z_`, ]+`) \|", table, re.MULTILINE)
        for name in re.findall(r"[A-Z_]+", row)
    }
    assert listed == {name.upper() for name in SettingsWithDefaults.model_fields}


def _without_secrets(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(re.sub(r'"ak_[\w-]{49}"', '"ak_…"', text))
