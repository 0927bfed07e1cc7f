"""What is read, each by as few statements as it takes, of the columns that it takes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from benchmarks.side_by_side.handwritten import shapes
from benchmarks.side_by_side.handwritten.answers import NotFound, Refused, answer
from benchmarks.side_by_side.handwritten.configuration import PRIVATE, PUBLIC, chosen_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from asyncpg import Pool
    from starlette.requests import Request
    from starlette.responses import Response

_PAGE_MAXIMUM: Final = 100

_TEAM: Final = f"SELECT {shapes.TEAM_COLUMNS} FROM teams WHERE platform_name = $1"
_TEAMS: Final = f"SELECT {shapes.TEAM_COLUMNS} FROM teams ORDER BY display_name, id LIMIT $1"
_NAMES: Final = """
    SELECT id, display_name, platform_type, default_model, available_models FROM teams
    ORDER BY display_name, id LIMIT $1
"""
_SESSIONS: Final = """
    SELECT parent.id AS team_id, page.*
    FROM unnest($1::integer[]) AS parent (id)
    CROSS JOIN LATERAL (
        SELECT id, session_id, platform, user_id, created_at, last_activity_at FROM chat_sessions
        WHERE team_id = parent.id ORDER BY last_activity_at DESC, id DESC LIMIT 5
    ) AS page
    ORDER BY page.last_activity_at DESC, page.id DESC
"""
_API_KEYS: Final = """
    SELECT parent.id AS team_id, page.*
    FROM unnest($1::integer[]) AS parent (id)
    CROSS JOIN LATERAL (
        SELECT id, name, key_prefix, is_active, created_at, expires_at FROM api_keys
        WHERE team_id = parent.id ORDER BY created_at DESC, id DESC LIMIT 2
    ) AS page
    ORDER BY page.created_at DESC, page.id DESC
"""
# A row without a day holds the sums over all; a team without usage has only that.
_USAGE: Final = """
    SELECT used.day, coalesce(sum(requests), 0)::bigint AS requests, coalesce(sum(successes), 0)::bigint AS successes,
        coalesce(sum(tokens), 0)::bigint AS tokens, coalesce(sum(estimated_cost), 0)::float8 AS cost,
        coalesce(sum(response_ms), 0)::bigint AS response_ms, coalesce(sum(responses), 0)::bigint AS responses
    FROM teams LEFT JOIN usage_totals AS used ON used.team_id = teams.id AND used.day >= $2 AND used.day < $3
    WHERE platform_name = $1
    GROUP BY GROUPING SETS ((teams.id), (teams.id, used.day))
    ORDER BY grouping(used.day) DESC
"""
_NO_USAGE: Final = {"requests": 0, "successes": 0, "tokens": 0, "cost": 0.0}


async def team(request: Request) -> Response:
    """Find a team by its platform name."""
    row = await _pool(request).fetchrow(_TEAM, request.query_params.get("platformName"))
    return answer("team", None if row is None else shapes.team(row))


async def teams(request: Request) -> Response:
    """List teams with their configuration."""
    first = _first(request)
    rows = await _pool(request).fetch(_TEAMS, first + 1)
    return answer("teams", shapes.page([shapes.team(row) for row in rows[:first]], rows, first))


async def names_and_models(request: Request) -> Response:
    """List teams with the model that they start with."""
    first = _first(request)
    rows = await _pool(request).fetch(_NAMES, first + 1)
    nodes = []
    for row in rows[:first]:
        defaults = PUBLIC if row["platform_type"] == "public" else PRIVATE
        model = chosen_model(row["default_model"], row["available_models"] or defaults.models, defaults.model)
        nodes.append(
            {
                "id": shapes.global_id("Team", row["id"]),
                "displayName": row["display_name"],
                "effectiveConfig": {"model": model},
            }
        )
    return answer("teams", shapes.page(nodes, rows, first))


async def with_sessions_and_keys(request: Request) -> Response:
    """List teams with their latest sessions and newest keys."""
    pool, first = _pool(request), _first(request)
    rows = await pool.fetch(_TEAMS, first + 1)
    ids = [row["id"] for row in rows[:first]]
    sessions, api_keys = await asyncio.gather(pool.fetch(_SESSIONS, ids), pool.fetch(_API_KEYS, ids))
    sessions_by_team, api_keys_by_team = _by_team(sessions), _by_team(api_keys)
    nodes = []
    for row in rows[:first]:
        node = shapes.team(row)
        node["sessions"] = {"nodes": [shapes.session(found) for found in sessions_by_team[row["id"]]]}
        node["apiKeys"] = {"nodes": [shapes.api_key(found) for found in api_keys_by_team[row["id"]]]}
        nodes.append(node)
    return answer("teams", shapes.page(nodes, rows, first))


async def usage(request: Request) -> Response:
    """Sum up what a team used, by day."""
    parameters = request.query_params
    try:
        first, end = date.fromisoformat(parameters["from"]), date.fromisoformat(parameters["to"])
    except (KeyError, ValueError):
        raise Refused("`from` and `to` have to be days") from None
    rows = await _pool(request).fetch(_USAGE, parameters.get("platformName"), first, end)
    if not rows:
        raise NotFound
    total, *by_day = rows
    used: dict[date, Mapping[str, Any]] = {row["day"]: row for row in by_day}
    return answer(
        "team",
        {
            "usage": {
                "from": _midnight(first),
                "to": _midnight(end),
                "failures": total["requests"] - total["successes"],
                "averageResponseMs": total["response_ms"] / total["responses"] if total["responses"] else None,
                **_sums(total),
                "byDay": [
                    {"day": _midnight(day), **_sums(used.get(day, _NO_USAGE))}
                    for day in (first + timedelta(days=number) for number in range((end - first).days))
                ],
            }
        },
    )


def _sums(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "requests": row["requests"],
        "successes": row["successes"],
        "tokens": row["tokens"],
        "estimatedCost": row["cost"],
    }


def _midnight(day: date) -> datetime:
    # Written with a zone, see answers.py.
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - see above


def _by_team(rows: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["team_id"]].append(row)
    return found


def _first(request: Request) -> int:
    try:
        first = int(request.query_params["first"])
    except (KeyError, ValueError):
        raise Refused("`first` has to be a number") from None
    if not 0 <= first <= _PAGE_MAXIMUM:
        raise Refused(f"`first` has to be 0 to {_PAGE_MAXIMUM}")
    return first


def _pool(request: Request) -> Pool:
    pool: Pool = request.app.state.pool
    return pool
