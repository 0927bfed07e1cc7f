"""How large a page may be, and how a page that cannot be is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db.models import Message, Team
from tests.schema.documents import NESTED, PAGE, ROOTS
from tests.schema.world import add, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

BAD_USER_INPUT = "BAD_USER_INPUT"


def test_sizes_are_20_where_none_is_asked_for_and_100_at_most(api: RunningApi, database: str) -> None:
    (team,) = populate(database, teams=1, keys=101, sessions=101, messages=0)
    more = [{"platform_name": f"p{place}", "display_name": f"d{place}"} for place in range(100)]
    add(database, Team, *more)
    add(
        database,
        Message,
        *(
            {"platform": team.platform_name, "user_id": "user-0", "team_id": team.id, "role": "user", "content": ""}
            for _ in range(101)
        ),
    )
    parents = {"messages": team.sessions[0].node_id, "all messages": team.sessions[0].node_id}
    for name, document in (ROOTS | NESTED).items():
        for size, shown in ((None, 20), (0, 0), (1, 1), (100, 100)):
            variables: dict[str, Any] = {"first": size}
            if name in NESTED:
                variables["id"] = parents.get(name, team.node_id)
            data = api.execute(document % PAGE, variables)
            page = data.get("page") or data["node"]["page"]
            assert len(page["nodes"]) == shown, (name, size)
            assert page["pageInfo"]["hasNextPage"], (name, size)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("first: -1", "first"),
        ("first: 101", "first"),
        ("first: 2147483647", "first"),
        ("last: -1", "last"),
        ("last: 101", "last"),
        ("first: 1, last: 1", "first"),
        ("first: 0, last: 0", "last"),
        ('after: ""', "after"),
        ('after: "nonsense"', "after"),
        ('before: "nonsense"', "before"),
        ('last: 1, before: "nonsense"', "before"),
    ],
)
@pytest.mark.parametrize("field", ["teams", "sessions"])
def test_a_page_that_cannot_be_is_refused_with_the_argument_named(
    module_api: RunningApi, field: str, arguments: str, named: str
) -> None:
    error = module_api.error(f"{{ {field}({arguments}) {{ nodes {{ id }} }} }}")
    assert error["extensions"]["code"] == BAD_USER_INPUT
    assert f"`{named}`" in error["message"]


@pytest.mark.parametrize("first", [-1, 101])
@pytest.mark.parametrize("name", NESTED)
def test_nested_pages_have_the_same_bounds(api: RunningApi, database: str, name: str, first: int) -> None:
    (team,) = populate(database)
    parent = team.sessions[0].node_id if "messages" in name else team.node_id
    error = api.error(NESTED[name] % PAGE, {"id": parent, "first": first})
    assert error["extensions"]["code"] == BAD_USER_INPUT
    assert "`first`" in error["message"]
