"""No secret leaves where it belongs: one server lives through everything, and then all that it left is searched."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import uuid
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from db.database import Database
from db.engine import create_engine, database_url
from domain.api_key import digest, new_api_key
from graphql_api.authentication import Authenticator
from graphql_api.key_use import KeyUse
from graphql_api.setting_values import AdminKey, admin_keys
from graphql_api.settings import Settings, load_settings
from graphql_api.wrong_keys import WrongKeys
from tests.api.processes import run, serving
from tests.api.secrets_story import ADMIN, INTERNAL, NAMELESS, PASSWORD, TELEGRAM, Story, dump, live_through_everything
from tests.conftest import in_database, run_sql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIGESTS = (("api_keys", "key_hash"), ("api_keys", "previous_key_hash"))
"""The only columns that may hold the digest of a secret."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, postgres_address: str, migrated_template: str) -> Iterator[Story]:
    name = f"secrets_{uuid.uuid4().hex}"
    run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    address = in_database(postgres_address, name)
    try:
        story = Story("", {})
        with serving(
            tmp_path_factory.mktemp("secrets"),
            # Nobody asks for the password here; that does not make it less secret.
            DATABASE_URL=make_url(address).set(password=PASSWORD).render_as_string(hide_password=False),
            SUPER_ADMIN_API_KEYS=f"alice:{ADMIN},{NAMELESS}",
            TELEGRAM_SERVICE_KEY=TELEGRAM,
            INTERNAL_API_KEY=INTERNAL,
            LOG_FORMAT="json",
            LOG_LEVEL="DEBUG",
        ) as server:
            live_through_everything(server, address, story)
            server.process.terminate()
            assert server.exit_code() == 0
            story.log = server.said
        story.tables = asyncio.run(dump(address))
        yield story
    finally:
        run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


def test_no_secret_is_in_what_the_process_writes(story: Story) -> None:
    guilty = [line[:2000] for line in story.log.splitlines() if story.found_in(line)]
    assert guilty == []
    assert re.findall(r"\b[0-9a-f]{64}\b", story.log) == [], "no digest of anything else either"


def test_no_secret_is_in_a_response_that_does_not_issue_it(story: Story) -> None:
    assert len(story.bodies) > 30
    assert [body for body in story.bodies if story.found_in(body)] == []


def test_the_tables_hold_digests_of_issued_keys_and_nothing_else(story: Story) -> None:
    assert len(story.tables["api_keys"]) >= len(story.issued) - 1, "a rotated key is one with two secrets"
    assert len(story.tables["team_revisions"]) >= 1
    for name, rows in story.tables.items():
        for row in rows:
            values = {column: value for column, value in json.loads(row).items() if (name, column) not in DIGESTS}
            assert story.found_in(json.dumps(values)) == [], name
    stored = {json.loads(row)[column] for row in story.tables["api_keys"] for _, column in DIGESTS}
    assert {digest(key) for key in story.issued} <= stored


def test_each_line_of_the_log_is_an_object_that_says_when_and_what(story: Story) -> None:
    events = story.events()
    assert len(events) > 50
    for event in events:
        assert {"timestamp", "level", "event"} <= set(event)
        assert event["timestamp"].endswith("Z")


def test_each_request_is_logged_once_with_its_id_and_caller(story: Story) -> None:
    requests = [event for event in story.events() if event["event"] == "request"]
    assert len({event["request_id"] for event in requests}) == len(requests)
    for event in requests:
        assert {"method", "path", "status", "milliseconds"} <= set(event)
        assert "?" not in event["path"]
    known = {event["viewer"] for event in requests if "viewer" in event}
    assert {"alice", "telegram-service", "internal-service", *(key[:12] for key in story.issued)} <= known
    assert [name for name in known if name.startswith("key-")], "a fingerprint where there is no name"
    assert {event.get("viewer") for event in requests if event["status"] == 401} == {None}


def test_who_rotated_or_revoked_a_key_stands_in_the_log(story: Story) -> None:
    """By the beginning that the key has then; nothing else in the program keeps it."""
    issued = {key[:12] for key in story.issued}
    for what in ("An API key was rotated.", "An API key was revoked."):
        (event,) = [event for event in story.events() if event["event"] == what]
        assert (event["actor"], event["api_key"] in issued) == ("alice", True)


def test_every_key_of_the_process_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after one that matches, so that the time tells neither how much of a key is right nor which it is."""
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def noted(known: bytes, given: bytes) -> bool:
        compared.append(known)
        return compare(known, given)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    settings = load_settings().model_copy(
        update={
            "super_admin_api_keys": SecretStr(f"alice:{ADMIN},{NAMELESS}"),
            "telegram_service_key": SecretStr(TELEGRAM),
            "internal_api_key": SecretStr(INTERNAL),
        }
    )
    database = Database(create_engine(database_url("postgresql://localhost/none")))
    authenticator = Authenticator(settings, database, KeyUse(database), WrongKeys(30))
    for text, is_key in ((ADMIN, True), (INTERNAL, True), ("none", False)):
        compared.clear()
        assert authenticator.is_key_of_process(text) is is_key
        assert len(set(compared)) == len(compared) == 4


def test_a_path_that_is_not_ours_is_logged_by_its_plain_words(story: Story) -> None:
    """Somebody who mistook the address may have put a key into it; a proxy that sends a wrong path is to be seen."""
    paths = {event["path"] for event in story.events() if event["event"] == "request" and event["status"] == 404}
    assert {"/nope/", "/***", "/graphql/***", "/graphql/***/viewer"} <= paths
    parts = {part for secret in story.secrets() for part in re.split(r"[-_]", secret) if len(part) > 16}
    assert [path for path in paths for part in parts if part in path] == []


def test_a_failure_is_logged_with_the_id_that_its_caller_was_given(story: Story) -> None:
    told = [
        event
        for event in story.events()
        if event.get("request_id") == story.failed_request and event["level"] == "error"
    ]
    assert len(told) == 1
    assert "CheckViolation" in told[0]["exception"]


def test_callers_mistakes_are_no_errors_in_the_log(story: Story) -> None:
    """Whoever is woken by errors is woken by defects of this service only; here exactly one was provoked."""
    assert [event["event"] for event in story.events() if event["level"] in ("error", "critical")] == [
        "A resolver failed."
    ]


def test_no_representation_of_an_object_shows_a_secret() -> None:
    """They end up in tracebacks, debuggers and failed assertions."""
    address = f"postgresql://user:{PASSWORD}@localhost/database"
    key = new_api_key()
    settings = load_settings().model_copy(
        update={
            "database_url": SecretStr(address),
            "super_admin_api_keys": SecretStr(f"alice:{ADMIN},{NAMELESS}"),
            "telegram_service_key": SecretStr(TELEGRAM),
            "internal_api_key": SecretStr(INTERNAL),
        }
    )
    assert isinstance(settings, Settings)
    engine = create_engine(database_url(address))
    database = Database(engine)
    shown = [
        settings,
        AdminKey(f"alice:{ADMIN}"),
        AdminKey(NAMELESS),
        admin_keys(settings.super_admin_api_keys),
        key,
        Authenticator(settings, database, KeyUse(database), WrongKeys(30)),
        database,
        engine,
        engine.url,
        engine.pool,
    ]
    story = Story("", {}, issued=[key.secret])
    for thing in shown:
        assert story.found_in(repr(thing), str(thing)) == [], type(thing)


def test_a_command_that_fails_tells_no_secret(tmp_path: Path) -> None:
    done = run(
        "serve",
        directory=tmp_path,
        DATABASE_URL=f"postgresql://user:{PASSWORD}@localhost:port/database",
        SUPER_ADMIN_API_KEYS=f"{ADMIN},name:",
        TELEGRAM_RATE_LIMIT="0",
    )
    assert done.returncode == 1
    assert Story("", {}).found_in(done.stdout, done.stderr) == []
