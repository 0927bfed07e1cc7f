"""docs/security.md says what is: every limit with its setting and default, and tests that are there."""

from __future__ import annotations

import ast
import enum
import re
from pathlib import Path

from graphql.validation.rules import overlapping_fields_can_be_merged

from db.engine import SERVING_LIMITS
from graphql_api.authentication import WORKING_KEYS_MAXIMUM
from graphql_api.body import BODIES_MAXIMUM_BYTES
from graphql_api.open_connections import REFUSED_MAXIMUM
from graphql_api.operation import PARAMETERS_MAXIMUM
from graphql_api.pipelining import REQUESTS_AHEAD_MAXIMUM, WAITING_REQUESTS_MAXIMUM
from graphql_api.settings import SettingsWithDefaults, load_settings
from graphql_api.wrong_keys import ADDRESSES_MAXIMUM
from schema.documents.checks import INPUT_LENGTH_MAXIMUM, INPUT_VALUES_MAXIMUM
from schema.documents.prepared import FAULTS_MAXIMUM, NESTING_MAXIMUM
from schema.error_codes import ERRORS_MAXIMUM, MESSAGE_MAXIMUM_LENGTH
from schema.node import ID_MAXIMUM_LENGTH
from schema.pagination import CURSOR_MAXIMUM_LENGTH

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([A-Za-z_]+)` \| ([^|]+?) \|", DOCUMENT, re.MULTILINE))
SETTINGS_IN_ROWS = {name: default for name, default in ROWS.items() if name.isupper()}
CODES = {"BAD_REQUEST", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"}
SETTINGS_NAMED = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]", DOCUMENT)) - {"SERVING_LIMITS"} - CODES
LIMITS = re.compile(r"HTTP_|GRAPHQL_|WRONG_KEYS|SHUTDOWN_|DATABASE_POOL_SIZE")


def settings() -> set[str]:
    """Name every setting that exists."""
    return {name.upper() for name in SettingsWithDefaults.model_fields}


def test_every_setting_named_exists() -> None:
    assert sorted(SETTINGS_NAMED - settings()) == []


def test_every_limit_that_can_be_set_is_named() -> None:
    assert sorted({name for name in settings() if LIMITS.match(name)} - SETTINGS_IN_ROWS.keys()) == []


def test_the_defaults_are_those_in_force() -> None:
    defaults = load_settings().model_dump()
    in_force = {name: shown(defaults[name.lower()]) for name in SETTINGS_IN_ROWS if name.lower() in defaults}
    assert {name: SETTINGS_IN_ROWS[name] for name in in_force} == in_force


def shown(value: object) -> str:
    """Write a default as the document does."""
    if isinstance(value, enum.Enum):
        return str(value.value)
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def test_the_limits_of_connections_are_those_in_force() -> None:
    in_rows = {name: value.replace(" ", "") for name, value in ROWS.items() if name.islower()}
    assert in_rows == SERVING_LIMITS


def test_the_limits_without_a_setting_are_those_in_force() -> None:
    section = DOCUMENT.partition("Of requests and callers, and not by a setting:")[2].partition("Tested by")[0]
    assert dict(re.findall(r"^\| ([a-z ]+) \| ([\d,]+) \|", section, re.MULTILINE)) == {
        "input values": shown(INPUT_VALUES_MAXIMUM),
        "input length": shown(INPUT_LENGTH_MAXIMUM),
        "nesting of fragments": shown(NESTING_MAXIMUM),
        "units of comparison": shown(overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET),
        "faults": shown(FAULTS_MAXIMUM),
        "errors": shown(ERRORS_MAXIMUM),
        "characters of a message": shown(MESSAGE_MAXIMUM_LENGTH),
        "characters of an id": shown(ID_MAXIMUM_LENGTH),
        "parameters": shown(PARAMETERS_MAXIMUM),
        "bytes of all bodies": shown(BODIES_MAXIMUM_BYTES),
        "refused connections": shown(REFUSED_MAXIMUM),
        "waiting requests": shown(WAITING_REQUESTS_MAXIMUM),
        "requests read ahead": shown(REQUESTS_AHEAD_MAXIMUM),
        "addresses of wrong keys": shown(ADDRESSES_MAXIMUM),
        "working keys": shown(WORKING_KEYS_MAXIMUM),
        "characters of a cursor": shown(CURSOR_MAXIMUM_LENGTH),
    }


def test_every_test_named_is_there() -> None:
    """By its file and its name: that a file is there proves no claim."""
    named = re.findall(r"`(tests/[^`]+)`", DOCUMENT)
    assert named
    assert sorted(name for name in set(named) if not is_a_test(name)) == []


def is_a_test(name: str) -> bool:
    """Say whether `file.py::test_name` names a function at the top of a file of tests."""
    file, _, function = name.partition("::")
    path = ROOT / file
    if not function.startswith("test_") or not path.name.startswith("test_") or not path.is_file():
        return False
    statements = ast.parse(path.read_text(encoding="utf-8")).body
    return function in {each.name for each in statements if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_limit_and_every_threat_names_its_test() -> None:
    """In its row; limits of what is stored, and all other claims, name theirs below the text."""
    columns = re.findall(r"^(\|.* tested by \|)\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    assert len(columns) == 4
    rows = [row for _, body in columns for row in body.splitlines()]
    assert [row for row in rows if not re.search(r"::test_\w+` \|$", row)] == []
