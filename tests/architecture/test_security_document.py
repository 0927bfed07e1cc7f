"""docs/security.md says what is: every limit with its setting and default, and tests that are there."""

from __future__ import annotations

import enum
import re
from pathlib import Path

from db.engine import SERVING_LIMITS
from graphql_api.settings import SettingsWithDefaults, load_settings

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([A-Za-z_]+)` \| ([^|]+?) \|", DOCUMENT, re.MULTILINE))
SETTINGS_IN_ROWS = {name: default for name, default in ROWS.items() if name.isupper()}
SETTINGS_NAMED = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]", DOCUMENT)) - {"SERVING_LIMITS"}
LIMITS = re.compile(r"HTTP_|GRAPHQL_|WRONG_KEYS|SHUTDOWN_|DATABASE_POOL_SIZE")

# Delete both with the last merge of the limits.
SETTINGS_NOT_MERGED_YET = {
    "DATABASE_POOLER",
    "FORWARDED_ALLOW_IPS",
    "GRAPHQL_EXPLORATION",
    "GRAPHQL_MAXIMUM_ALIASES",
    "GRAPHQL_MAXIMUM_CHARACTERS",
    "GRAPHQL_MAXIMUM_COST",
    "GRAPHQL_MAXIMUM_DEPTH",
    "GRAPHQL_MAXIMUM_DIRECTIVES",
    "GRAPHQL_MAXIMUM_INPUT_DEPTH",
    "GRAPHQL_MAXIMUM_OPERATIONS",
    "GRAPHQL_MAXIMUM_ROOT_FIELDS",
    "GRAPHQL_MAXIMUM_TOKENS",
    "HTTP_MAXIMUM_BODY_BYTES",
    "HTTP_MAXIMUM_CONNECTIONS",
    "HTTP_MAXIMUM_HEADER_BYTES",
    "HTTP_MAXIMUM_REQUESTS",
    "HTTP_RECEIVE_SECONDS",
    "HTTP_REQUEST_SECONDS",
    "HTTP_SEND_SECONDS",
    "SHUTDOWN_DELAY_SECONDS",
    "WRONG_KEYS_PER_MINUTE",
}
TESTS_NOT_MERGED_YET = {
    "tests/api/test_http_connections.py",
    "tests/api/test_http_in_flight.py",
    "tests/api/test_http_leaving.py",
    "tests/api/test_http_malformed.py",
    "tests/api/test_http_media_types.py",
    "tests/api/test_http_sizes.py",
    "tests/api/test_http_slow_callers.py",
    "tests/api/test_http_time.py",
    "tests/api/test_wrong_keys.py",
    "tests/faults/test_killed_server.py",
    "tests/faults/test_network.py",
    "tests/faults/test_postgres.py",
    "tests/faults/test_sigterm.py",
    "tests/schema/document_limits/test_cost.py",
    "tests/schema/document_limits/test_generated_documents.py",
    "tests/schema/document_limits/test_limits.py",
    "tests/schema/document_limits/test_responses.py",
}


def settings() -> set[str]:
    """Name every setting that exists."""
    return {name.upper() for name in SettingsWithDefaults.model_fields}


def test_every_setting_named_exists() -> None:
    assert sorted(SETTINGS_NAMED - settings() - SETTINGS_NOT_MERGED_YET) == []


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


def test_every_test_named_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", DOCUMENT))
    assert named
    assert sorted(name for name in named - TESTS_NOT_MERGED_YET if not (ROOT / name).is_file()) == []
