"""Cursors of rows that a caller may not see: they are places in an order and nothing else."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.schema.documents import NESTED, PAGE, ROOTS
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

BY_BEFORE = "query($before: String) { page: %s(last: 2, before: $before) {%%s} }"
BACKWARD = {"teams": BY_BEFORE % "teams", "sessions of all": BY_BEFORE % "sessions"}


def parent_of(name: str, team: TeamRow) -> dict[str, str]:
    """Give the variable of what a connection lies below."""
    if name not in NESTED:
        return {}
    return {"id": team.sessions[0].node_id if "messages" in name else team.node_id}


def page(api: RunningApi, name: str, team: TeamRow, after: str | None = None) -> Any:
    """Give a page as one caller sees it."""
    data = api.execute((ROOTS | NESTED)[name] % PAGE, parent_of(name, team) | {"first": 2, "after": after})
    return data.get("page") or data["node"]["page"]


@pytest.mark.parametrize("name", ROOTS | NESTED)
def test_a_cursor_tells_nothing_about_the_row_it_came_from(api: RunningApi, database: str, name: str) -> None:
    """A page after another team's row is the same before that team is deleted and after it."""
    own, other = populate(database, teams=2)
    cursor = page(api, name, other)["edges"][0]["cursor"]
    forged = moved(cursor)
    as_own = api.by(own.keys[0].secret)
    with_row = [page(as_own, name, own, after) for after in (cursor, forged)]
    backward = [as_own.execute(BACKWARD[name] % PAGE, {"before": cursor}) for _ in range(1) if name in BACKWARD]
    for shown in with_row:
        ids = [node["id"] for node in shown["nodes"]]
        of_other = {other.node_id, *(key.node_id for key in other.keys), *(row.node_id for row in other.sessions)}
        assert not of_other & set(ids)
        # It stands for the row that it came from, wherever that is, so that this says nothing either.
        assert shown["pageInfo"]["hasPreviousPage"] is True
    conversations = ("messages", "chat_sessions", "api_keys")
    run_sql(
        database,
        *(f"DELETE FROM {table} WHERE team_id = {other.id}" for table in conversations),  # noqa: S608 - names from above
        f"DELETE FROM teams WHERE id = {other.id}",  # noqa: S608 - a number
    )
    assert [page(as_own, name, own, after) for after in (cursor, forged)] == with_row
    assert [as_own.execute(BACKWARD[name] % PAGE, {"before": cursor}) for _ in range(1) if name in BACKWARD] == backward


def moved(cursor: str) -> str:
    """Give the cursor of a row that was never there, right beside another's."""
    *place, row_id = json.loads(base64.urlsafe_b64decode(cursor))
    text = json.dumps([*place, row_id + 1000], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()
