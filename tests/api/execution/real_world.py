"""A database with something of everything in it, and what may be named of it in documents."""

from __future__ import annotations

import asyncio
import functools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from db.commands.add_demo_data import add_demo_data
from db.database import Database
from db.engine import create_engine, database_url
from db.models import UsageLog
from graphql_api.demo_data.world import DemoSize, DemoWorld
from graphql_api.settings import load_settings
from tests.schema.teams.rows import insert_past_constraints
from tests.schema.world import add, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NAMES = """{
    teams(first: 100) { nodes {
        id platformName displayName apiKeys(first: 3) { nodes { id } }
        sessions(first: 3) { nodes { id sessionId platform userId messages(first: 2) { nodes { id } } } }
    } pageInfo { endCursor } }
    sessions(first: 10) { nodes { id sessionId platform userId } pageInfo { endCursor } }
}"""


def fill(address: str) -> str:
    """Add teams, damaged ones among them, with keys, sessions, messages and usage, and give a key of the first."""
    rows = populate(address, teams=4, keys=2, sessions=3, messages=3)
    for place, damage in enumerate(
        ({"available_models": "'[]'"}, {"available_models": "'[1, \"a model\", null]'", "rate_limit": "-5"})
    ):
        insert_past_constraints(
            address, display_name=f"'damaged {place}'", platform_name=f"'damaged-{place}'", **damage
        )
    add(
        address,
        UsageLog,
        *(
            {
                "team_id": team.id,
                "api_key_id": team.keys[0].id,
                "session_id": team.sessions[0].session_id,
                "platform": team.platform_name,
                "model_used": f"model {number}",
                "tokens_used": number,
                "created_at": datetime.now(UTC) - timedelta(days=number),
            }
            for team in rows
            for number in range(4)
        ),
    )
    asyncio.run(_demo(address))
    return rows[0].keys[0].secret


async def _demo(address: str) -> None:
    database = Database(create_engine(database_url(address), pool_size=1))
    world = DemoWorld(1, DemoSize(3, 4, 20), load_settings().defaults(), datetime.now(UTC))
    try:
        teams = [world.team(number) for number in range(8)]
        await database.change(functools.partial(add_demo_data, teams=teams, actor="test"))
    finally:
        await database.close()


def names_in(api: RunningApi) -> dict[str, list[Any]]:
    """Give what arguments may name, by the names of arguments and fields of inputs."""
    found = api.execute(NAMES)
    teams = found["teams"]["nodes"]
    sessions = [*found["sessions"]["nodes"], *(each for team in teams for each in team["sessions"]["nodes"])]
    keys = [key["id"] for team in teams for key in team["apiKeys"]["nodes"]]
    messages = [each["id"] for session in sessions for each in session.get("messages", {}).get("nodes", ())]
    team_ids, session_ids = [each["id"] for each in teams], [each["id"] for each in sessions]
    every = [*team_ids, *session_ids, *keys, *messages]
    cursors = [found["teams"]["pageInfo"]["endCursor"], found["sessions"]["pageInfo"]["endCursor"], "nonsense"]
    models = ["openai/gpt-4.1", "openai/gpt-4o-mini", "google/gemini-2.5-flash", "a model", "none"]
    return {
        "id": every,
        "ids": every,
        "teamId": team_ids,
        "sessionId": [*session_ids, *(each["sessionId"] for each in sessions)],
        "platform": [each["platform"] for each in sessions] + ["telegram", "internal"],
        "userId": [each["userId"] for each in sessions],
        "platformName": [each["platformName"] for each in teams] + ["new", "newer", "telegram"],
        "displayName": [each["displayName"] for each in teams] + ["New", "Newer"],
        "search": ["platform", "display-00", "dam", "%", ""],
        "model": models,
        "modelUsed": models,
        "defaultModel": models,
        "availableModels": models,
        "after": cursors,
        "before": cursors,
        "first": [0, 1, 2, 3, 4, 101],
        "last": [1, 2, 3],
        "content": ["said", "Ünï\u2028"],
        "name": ["a key", "another"],
        "expectedRevision": [1, 1, 2],
    }
