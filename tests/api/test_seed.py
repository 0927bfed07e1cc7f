"""`seed`, as it is run: a process of its own on a database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from graphql_api.__main__ import main
from tests.api.processes import run, serving
from tests.api.seeded_rows import counts, printed_counts, rows
from tests.conftest import in_database, run_sql

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.running_api import RunningApi


def seed(database: str, directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run("seed", *options, directory=directory, DATABASE_URL=database)


def world(database: str) -> list[list[tuple[Any, ...]]]:
    """What follows from the seed: all but times and secrets."""
    return [
        rows(database, statement)
        for statement in (
            "SELECT snapshot::text FROM team_revisions ORDER BY id",
            "SELECT team_id, name, description, monthly_quota, is_active, expires_at IS NULL FROM api_keys ORDER BY id",
            "SELECT platform, user_id, api_key_id, chosen_model FROM chat_sessions ORDER BY id",
            "SELECT platform, user_id, role, content, cleared_at IS NULL FROM messages ORDER BY id",
            "SELECT session_id, model_used, tokens_used, estimated_cost, error_message FROM usage_logs ORDER BY id",
        )
    ]


def test_the_default_size_has_some_of_everything(migrated_database: str, tmp_path: Path) -> None:
    result = seed(migrated_database, tmp_path)

    assert result.returncode == 0, result.stderr
    assert printed_counts(result.stdout) == counts(migrated_database)
    teams, _, sessions, messages, usage_logs = counts(migrated_database)
    assert teams == 25
    # Averages.
    assert 25 * 8 / 2 < sessions < 25 * 8 * 2
    assert sessions * 12 / 2 < messages < sessions * 12 * 2
    assert 25 * 200 / 2 < usage_logs < 25 * 200 * 2
    shares = {
        "public teams": "SELECT count(*) FROM teams WHERE platform_type = 'public'",
        "inactive teams": "SELECT count(*) FROM teams WHERE NOT is_active",
        "teams with overrides": "SELECT count(*) FROM teams WHERE num_nonnulls(rate_limit, max_history, default_model, "
        "available_models, allow_model_switch) > 0",
        "quotas": "SELECT count(*) FROM teams WHERE monthly_quota > 0",
        "revoked keys": "SELECT count(*) FROM api_keys WHERE NOT is_active",
        "expired keys": "SELECT count(*) FROM api_keys WHERE expires_at < timezone('utc', now())",
        "unused keys": "SELECT count(*) FROM api_keys WHERE last_used_at IS NULL",
        "active sessions": "SELECT count(*) FROM chat_sessions WHERE last_activity_at > now() - interval '30 minutes'",
        "chosen models": "SELECT count(*) FROM chat_sessions WHERE chosen_model IS NOT NULL",
        "sessions without team": "SELECT count(*) FROM chat_sessions WHERE team_id IS NULL AND platform = 'telegram'",
        "cleared messages": "SELECT count(*) FROM messages WHERE cleared_at IS NOT NULL",
        "failures": "SELECT count(*) FROM usage_logs WHERE NOT success AND error_message IS NOT NULL",
    }
    missing = [what for what, statement in shares.items() if rows(migrated_database, statement) == [(0,)]]
    assert missing == []


def test_everything_fits_together(migrated_database: str, tmp_path: Path) -> None:
    seed(migrated_database, tmp_path, "--teams", "40", "--random-seed", "2")

    contradictions = {
        "teams without the first row of their trail": """
            SELECT count(*) FROM teams LEFT JOIN team_revisions r ON r.team_id = teams.id AND r.revision = 1
            WHERE r.changed_by IS DISTINCT FROM 'seed' OR r.changed_at <> teams.created_at AT TIME ZONE 'UTC'
            OR r.snapshot ->> 'platform_name' <> teams.platform_name""",
        "teams without key": "SELECT count(*) FROM teams WHERE id NOT IN (SELECT team_id FROM api_keys)",
        "sessions outside their key's life": """
            SELECT count(*) FROM chat_sessions s JOIN api_keys k ON k.id = s.api_key_id
            WHERE k.team_id <> s.team_id OR s.created_at < k.created_at AT TIME ZONE 'UTC'
            OR s.last_activity_at > k.last_used_at AT TIME ZONE 'UTC'""",
        "session ids of another form": """
            SELECT count(*) FROM chat_sessions WHERE session_id <> md5(concat_ws(':', platform, team_id, user_id))""",
        "messages without session": """
            SELECT count(*) FROM messages m LEFT JOIN chat_sessions s ON s.platform = m.platform
            AND s.user_id = m.user_id AND s.team_id IS NOT DISTINCT FROM m.team_id
            WHERE s.id IS NULL OR m.created_at AT TIME ZONE 'UTC' NOT BETWEEN s.created_at AND s.last_activity_at""",
        "messages out of turn": """
            SELECT count(*) FROM (
                SELECT role, created_at, lag(role, 1, 'assistant') OVER w AS before, lag(created_at) OVER w AS at
                FROM messages WINDOW w AS (PARTITION BY platform, team_id, user_id ORDER BY id)
            ) m WHERE role = before OR created_at < at""",
        "usage outside its session's life": """
            SELECT count(*) FROM usage_logs u JOIN chat_sessions s USING (session_id)
            WHERE u.team_id <> s.team_id OR u.api_key_id <> s.api_key_id
            OR u.timestamp AT TIME ZONE 'UTC' NOT BETWEEN s.created_at AND s.last_activity_at""",
        "usage before the last 60 days": """
            SELECT count(*) FROM usage_logs WHERE timestamp < timezone('utc', now()) - interval '61 days'""",
        "anything in the future": """
            SELECT count(*) FROM chat_sessions WHERE last_activity_at > now() OR created_at > last_activity_at""",
    }
    found = {what: rows(migrated_database, statement)[0][0] for what, statement in contradictions.items()}
    assert found == dict.fromkeys(contradictions, 0)


def test_the_same_seed_gives_the_same_world(postgres_address: str, migrated_template: str, tmp_path: Path) -> None:
    worlds = []
    for name, random_seed in (("first_world", "7"), ("second_world", "7"), ("third_world", "8")):
        run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
        database = in_database(postgres_address, name)
        assert seed(database, tmp_path, "--teams", "15", "--random-seed", random_seed).returncode == 0
        worlds.append(world(database))
        run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")
    first, second, third = worlds

    assert first == second
    assert all(one != other for one, other in zip(first, third, strict=True))


def test_a_smaller_world_is_the_beginning_of_a_larger_one(migrated_database: str, tmp_path: Path) -> None:
    seed(migrated_database, tmp_path, "--teams", "3")
    names = "SELECT platform_name, display_name FROM teams ORDER BY id"
    before = rows(migrated_database, names)
    result = seed(migrated_database, tmp_path, "--teams", "12")

    assert result.returncode == 0, result.stderr
    assert printed_counts(result.stdout)[0] == 12
    # The second run adds others; what is there stays.
    assert len(rows(migrated_database, names)) == 15
    assert rows(migrated_database, names)[:3] == before


def test_a_name_that_was_given_by_hand_is_left_out(migrated_database: str, tmp_path: Path) -> None:
    seed(migrated_database, tmp_path, "--teams", "2")
    (kept, freed) = rows(migrated_database, "SELECT id, platform_name FROM teams ORDER BY id")
    run_sql(
        migrated_database,
        "TRUNCATE api_keys, chat_sessions, messages, usage_logs CASCADE",
        f"DELETE FROM teams WHERE id = {freed[0]}",  # noqa: S608 - a number of our own
    )
    seed(migrated_database, tmp_path, "--teams", "2")

    names = [name for (name,) in rows(migrated_database, "SELECT platform_name FROM teams ORDER BY id")]
    assert names[:2] == [kept[1], freed[1]]
    assert len(set(names)) == 3


def test_the_key_shown_is_a_team_s(api: RunningApi, database: str, tmp_path: Path) -> None:
    result = seed(database, tmp_path, "--teams", "3", "--show-key")
    shown = re.search(r"^API key of (.+): (ak_\S+)$", result.stdout, re.MULTILINE)

    assert shown is not None, result.stdout
    viewer = api.by(shown[2]).execute("{ viewer { kind team { displayName } } }")["viewer"]
    assert viewer == {"kind": "TEAM", "team": {"displayName": shown[1]}}


def test_nothing_secret_is_shown_unasked(migrated_database: str, tmp_path: Path) -> None:
    result = seed(migrated_database, tmp_path, "--teams", "3")
    assert "ak_" not in result.stdout + result.stderr


def test_no_configuration_is_in_violation(api: RunningApi, database: str, tmp_path: Path) -> None:
    seed(database, tmp_path, "--teams", "100", "--sessions-per-team", "0", "--usage-per-team", "0")

    teams = api.execute("{ teams(first: 100) { nodes { effectiveConfig { violations { message } } } } }")["teams"]
    assert len(teams["nodes"]) == 100
    assert [team for team in teams["nodes"] if team["effectiveConfig"]["violations"]] == []


def test_a_team_alone(migrated_database: str, tmp_path: Path) -> None:
    seed(migrated_database, tmp_path, "--teams", "1", "--sessions-per-team", "0", "--usage-per-team", "0")
    assert counts(migrated_database)[2:] == [0, 0, 0]


@pytest.mark.parametrize("option", ["--teams=0", "--teams=many", "--sessions-per-team=-1", "--random-seed=-1"])
def test_an_impossible_size(option: str) -> None:
    result = CliRunner().invoke(main, ["seed", option])

    assert result.exit_code == 2
    assert f"Invalid value for '{option.partition('=')[0]}'" in result.stderr


def test_a_database_that_is_not_migrated(fresh_database: str, tmp_path: Path) -> None:
    result = seed(fresh_database, tmp_path)

    assert result.returncode == 1
    assert result.stderr == "Error: Cannot seed: the database is not migrated; run `python -m graphql_api migrate`.\n"


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    result = seed("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)

    assert result.returncode == 1
    assert result.stderr == "Error: The database cannot be reached or does not answer. Made nothing.\n"


def test_the_private_postgresql_also_of_a_running_server(tmp_path: Path, data_directory: Path) -> None:
    private = {"EMBEDDED_POSTGRES_DIRECTORY": str(data_directory)}
    results = [run("seed", "--teams", "4", directory=tmp_path, **private)]
    with serving(tmp_path, **private) as server:
        results.append(run("seed", "--teams", "3", directory=tmp_path, **private))
        teams = server.execute("{ teams { totalCount } }")["teams"]

    assert [result.returncode for result in results] == [0, 0], results
    assert "Applied" in results[0].stderr
    assert teams == {"totalCount": 7}
