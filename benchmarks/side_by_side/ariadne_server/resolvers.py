"""The fields that are asked for, each by the program's own loaders and commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ariadne import EnumType, MutationType, ObjectType, QueryType, ScalarType

from db.commands import create_team as creation
from db.commands import update_team_overrides as overriding
from db.queries.sessions import SessionFilter
from domain.api_key import new_api_key
from domain.config.settings_table import SETTINGS
from domain.platform import COMMANDS, PlatformType
from domain.team import new_team, overrides_change
from domain.usage_period import midnight, usage_period
from schema.loaders import OfParent, SessionsWanted
from schema.node import global_id, parse_global_id
from schema.pagination import requested_page
from schema.scalars import parse_datetime, serialize_datetime
from schema.sessions.filter import LATEST_FIRST
from schema.teams.queries import TeamOrder, list_teams
from schema.teams.team import NEWEST_KEY_FIRST, Team

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLResolveInfo

    from db.paging import Slice
    from db.queries.usage import Sums
    from domain.config.overrides import OverridesChange
    from schema.context import Context
    from schema.pagination import Ordering

    Info = GraphQLResolveInfo[Context]

query, mutation = QueryType(), MutationType()
team, session, api_key = ObjectType("Team"), ObjectType("Session"), ObjectType("ApiKey")
platform_types = EnumType("PlatformType", {member.name: member for member in PlatformType})
moments = ScalarType("DateTime", serializer=serialize_datetime, value_parser=parse_datetime)
BINDABLES = (query, mutation, team, session, api_key, platform_types, moments)


@query.field("team")
async def resolve_team(_: Any, info: Info, by: Mapping[str, str]) -> Team | None:
    """Find a team by its platform name."""
    row = await info.context.loaders.team_by_platform_name.load(by["platform_name"])
    return None if row is None else Team.from_row(row)


@query.field("teams")
async def resolve_teams(_: Any, info: Info, first: int) -> dict[str, Any]:
    """List teams by their display names."""
    # It asks nothing of its argument but the context, which is the same here.
    found = await list_teams(cast("Any", info), first=first)
    return {"nodes": found.nodes, **_page_info(found.page, TeamOrder().ordering())}


@team.field("effectiveConfig")
def resolve_effective_config(found: Team, info: Info) -> dict[str, Any]:
    """Merge."""
    merged = info.context.effective_config(found.platform_type, found.stored_overrides)
    return {
        "requires_auth": merged.platform_type.requires_auth,
        "commands": COMMANDS,
        **{resolved.setting.effective_name: resolved.value for resolved in merged.resolution},
    }


@team.field("sessions")
async def resolve_sessions(found: Team, info: Info, first: int) -> dict[str, Any]:
    """Load a page of sessions."""
    wanted = SessionsWanted(SessionFilter(), requested_page(LATEST_FIRST, first=first))
    return _connection(await info.context.loaders.sessions_by_team.load(OfParent(found.row_id, wanted)), LATEST_FIRST)


@team.field("apiKeys")
async def resolve_api_keys(found: Team, info: Info, first: int) -> dict[str, Any]:
    """Load a page of keys."""
    page = requested_page(NEWEST_KEY_FIRST, first=first)
    return _connection(await info.context.loaders.api_keys_by_team.load(OfParent(found.row_id, page)), NEWEST_KEY_FIRST)


@team.field("usage")
async def resolve_usage(found: Team, info: Info, **arguments: Any) -> dict[str, Any]:
    """Sum up a period."""
    context = info.context
    period = usage_period(arguments["from"], arguments["to"], context.now)
    usage = await context.loaders.usage_by_team.load(OfParent(found.row_id, period))
    total, nothing = usage.total, type(usage.total)()
    return {
        "from": midnight(period.first),
        "to": midnight(period.end),
        "failures": total.requests - total.successes,
        "average_response_ms": total.response_ms / total.responses if total.responses else None,
        **_sums(total),
        "by_day": [{"day": midnight(day), **_sums(usage.by_day.get(day, nothing))} for day in period.days],
    }


@session.field("id")
def resolve_session_id(row: Any, _: Info) -> str:
    """Write a session's id."""
    return global_id("Session", row.id)


@api_key.field("id")
def resolve_api_key_id(row: Any, _: Info) -> str:
    """Write a key's id."""
    return global_id("ApiKey", row.id)


api_key.set_alias("prefix", "key_prefix")


@mutation.field("createTeam")
async def resolve_create_team(_: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Make a team with its first key."""
    context, wanted, key = info.context, arguments["input"], new_api_key()
    new = new_team(
        display_name=wanted["display_name"],
        platform_name=wanted["platform_name"],
        defaults=context.rules.defaults[wanted["platform_type"]],
        monthly_quota=wanted.get("monthly_quota"),
        daily_quota=wanted.get("daily_quota"),
        overrides=_change(wanted.get("overrides") or {}),
    )
    row, _key = await context.change(lambda writing: creation.create_team(writing, new, key, actor=context.viewer.name))
    return {"__typename": "CreateTeamSuccess", "team": Team.from_row(row), "issued_api_key": {"secret": key.secret}}


@mutation.field("updateTeamOverrides")
async def resolve_update_team_overrides(_: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Change what a team overrides."""
    context, wanted = info.context, arguments["input"]
    change = overrides_change(_change(wanted["overrides"]))
    _kind, team_id = parse_global_id(wanted["id"])
    row = await context.change(
        lambda writing: overriding.update_team_overrides(
            writing,
            team_id,
            change,
            expected_revision=wanted.get("expected_revision"),
            defaults=context.rules.defaults,
            actor=context.viewer.name,
        )
    )
    return {"__typename": "UpdateTeamOverridesSuccess", "team": Team.from_row(row)}


def _connection(page: Slice[Any], ordering: Ordering) -> dict[str, Any]:
    return {"nodes": page.rows, **_page_info(page, ordering)}


def _page_info(page: Slice[Any], ordering: Ordering) -> dict[str, Any]:
    end = ordering.cursor(page.rows[-1]) if page.rows else None
    return {"page_info": {"has_next_page": page.has_next, "end_cursor": end}}


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "requests": sums.requests,
        "successes": sums.successes,
        "tokens": sums.tokens,
        "estimated_cost": sums.estimated_cost,
    }


def _change(given: Mapping[str, Any]) -> OverridesChange:
    return {
        setting: tuple(value) if isinstance(value := given[setting.name], list) else value
        for setting in SETTINGS
        if setting.name in given
    }
