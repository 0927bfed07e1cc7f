"""Asking for quotas, usage and admission, and writing logs as another program does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.models import UsageLog
from tests.schema.teams.documents import ADMISSION, QUOTA, run
from tests.schema.world import add

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

USAGE = """
    from to requests successes failures tokens estimatedCost averageResponseMs
    byModel { model requests tokens estimatedCost }
    byDay { day requests successes tokens estimatedCost }
"""
USAGE_OF_TEAM = (
    "query ($id: ID!, $from: DateTime, $to: DateTime)"
    f" {{ team(by: {{ id: $id }}) {{ usage(from: $from, to: $to) {{ {USAGE} }} }} }}"
)
JUDGE = f"query ($id: ID!, $model: String) {{ admission(sessionId: $id, model: $model) {{ {ADMISSION} }} }}"


def write_logs(address: str, *logs: Mapping[str, Any]) -> list[int]:
    """Insert usage logs past the service and give their ids."""
    return add(
        address, UsageLog, *({"session_id": "f" * 32, "platform": "any", "model_used": "m", **log} for log in logs)
    )


def log_of(team: TeamRow, moment: datetime, *, key: int | None = 0, **columns: Any) -> dict[str, Any]:
    """Give a log of a team at a moment, by one of its keys or by none."""
    api_key_id = None if key is None else team.keys[key].id
    return {"team_id": team.id, "api_key_id": api_key_id, "timestamp": moment, **columns}


def quota_of_team(api: RunningApi, team: TeamRow) -> dict[str, Any]:
    """Read a team's quota."""
    quota: dict[str, Any] = api.execute(
        f"query ($id: ID!) {{ team(by: {{ id: $id }}) {{ quota {{ {QUOTA} }} }} }}", {"id": team.node_id}
    )["team"]["quota"]
    return quota


def quota_of_key(api: RunningApi, team: TeamRow, key: int = 0) -> dict[str, Any]:
    """Read the quota that holds for one of a team's keys."""
    quota: dict[str, Any] = api.execute(
        f"query ($id: ID!) {{ node(id: $id) {{ ... on ApiKey {{ quota {{ {QUOTA} }} }} }} }}",
        {"id": team.keys[key].node_id},
    )["node"]["quota"]
    return quota


def windows(quota: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Give limit, used and remaining of the day and of the month."""
    daily, monthly = ([quota[name][part] for part in ("limit", "used", "remaining")] for name in ("daily", "monthly"))
    return daily, monthly


def usage_of(api: RunningApi, team: TeamRow, **period: str | None) -> dict[str, Any]:
    """Read a team's usage."""
    usage: dict[str, Any] = api.execute(USAGE_OF_TEAM, {"id": team.node_id, **period})["team"]["usage"]
    return usage


def judged(api: RunningApi, session: str, **given: Any) -> dict[str, Any]:
    """Ask whether a session may make a request."""
    admission: dict[str, Any] = api.execute(JUDGE, {"id": session, **given})["admission"]
    return admission


def admitted(api: RunningApi, session: str, **given: Any) -> dict[str, Any]:
    """Ask to make a request, and give the verdict."""
    result = run(api, "admitRequest", sessionId=session, **given)
    assert result["__typename"] == "AdmitRequestSuccess", result
    admission: dict[str, Any] = result["admission"]
    return admission


def record(api: RunningApi, session: str, **given: Any) -> dict[str, Any]:
    """Record a successful request, or what is given, and give the quota that remains."""
    result = run(api, "recordUsage", **{"sessionId": session, "model": "m", "success": True, **given})
    assert result["__typename"] == "RecordUsageSuccess", result
    quota: dict[str, Any] = result["quota"]
    return quota
