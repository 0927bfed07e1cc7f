"""What the README shows is what happens: what it runs is run in order, and the answers are compared."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from graphql_api.settings import SettingsWithDefaults
from tests.running_api import ADMIN_KEY, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(graphql|sh)\n(.*?)```\n+```(?:json|text)\n(.*?)```", README, re.DOTALL)
FIRST_QUERY = re.findall(r"'(\{\"query\".*?\})'\n```\n+```json\n(.*?)```", README, re.DOTALL)
RUNTIME = "python3 examples/runtime.py --key ak_…"


@pytest.fixture
def trial(migrated_database: str) -> Iterator[RunningApi]:
    with running_api(migrated_database, super_admin_api_keys=SecretStr(f"local-trial:{ADMIN_KEY}")) as api:
        yield api


def test_every_example_of_the_readme_gives_the_answer_it_shows(trial: RunningApi) -> None:
    run = [language for language, example, _ in EXAMPLES if language == "graphql" or RUNTIME in example]
    assert (run.count("graphql"), run.count("sh")) == (README.count("```graphql"), README.count(RUNTIME))
    key = ""
    for language, example, answer in EXAMPLES:
        if language == "graphql":
            body = trial.post(example).json()
            assert body.pop("extensions")["cost"]["requested"] > 0, "the README says that it leaves this out"
            assert _without_secrets(body) == json.loads(answer), example
            # The script is given the first secret that was shown.
            key = key or next(iter(re.findall(r"ak_[\w-]{49}", json.dumps(body))), "")
        elif RUNTIME in example:
            assert play_runtime(trial, key) == answer


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


def play_runtime(api: RunningApi, key: str) -> str:
    """Run the example as the README does, and give what it says."""
    done = subprocess.run(  # noqa: S603 - the script is ours
        [sys.executable, "-I", ROOT / "examples/runtime.py", "--address", f"{api.address}/graphql", "--key", key],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _without_secrets(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(re.sub(r'"ak_[\w-]{49}"', '"ak_…"', text))
