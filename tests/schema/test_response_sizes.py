"""An answer has a bound in bytes, and so has what is read for it: neither is reached by asking for more at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import asyncpg
import orjson
import pytest

from db.connection import Connection
from graphql_api.results import text_is_within
from tests.running_api import RunningApi, running_api
from tests.schema.world import add_session, node_id

if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM = 100_000
LONG = 40_000
OWN = "a" * LONG
READS_TOO_MUCH = {
    "a page": '{ session(by: {id: "THIS"}) { messages(first: 3) { nodes { content } } } }',
    "what is not shown": '{ session(by: {id: "THIS"}) { messages(first: 3) { nodes { id } } } }',
    "the context": '{ session(by: {id: "THIS"}) { history { content } } }',
    "pages side by side": '{ session(by: {id: "THIS"}) { a: messages(first: 1) { nodes { id } } '
    "messages(first: 2) { nodes { id } } } }",
    "a page and the context": '{ session(by: {id: "OTHER"}) { messages(first: 2) { nodes { id } } history { id } } }',
    "pages of several sessions": "{ sessions { nodes { messages(first: 2) { nodes { id } } } } }",
    "messages by their ids": '{ nodes(ids: ["M1", "M2", "M3"]) { id } }',
    "messages by ids and a page": '{ nodes(ids: ["M1", "M2"]) { id } session(by: {id: "THIS"}) '
    "{ messages(first: 1) { nodes { id } } } }",
}


@pytest.fixture(scope="module")
def sessions(module_database: str) -> tuple[str, str]:
    """A session with three long messages, and one with two."""
    first, second = (
        add_session(module_database, "telegram", user, messages=[{"content": OWN}] * count)
        for user, count in (("long", 3), ("shorter", 2))
    )
    return first, second


@pytest.fixture(scope="module")
def reader(module_database: str, sessions: tuple[str, str]) -> Iterator[RunningApi]:  # noqa: ARG001 - filled first
    with running_api(module_database, http_maximum_response_bytes=MAXIMUM) as api:
        yield api


def named(document: str, sessions: tuple[str, str]) -> str:
    """Put real ids into a document."""
    document = document.replace("THIS", sessions[0]).replace("OTHER", sessions[1])
    for number in (1, 2, 3):
        document = document.replace(f'"M{number}"', f'"{node_id("Message", number)}"')
    return document


@pytest.mark.parametrize("what", READS_TOO_MUCH)
def test_more_text_than_may_be_read_is_not_read(reader: RunningApi, sessions: tuple[str, str], what: str) -> None:
    """Whichever way the messages are reached, and however many statements there are."""
    body = reader.post(named(READS_TOO_MUCH[what], sessions)).json()
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "response bytes", "maximum": MAXIMUM}
    assert "HTTP_MAXIMUM_RESPONSE_BYTES" in error["message"]
    assert "smaller pages" in error["message"]


def test_the_database_sends_none_of_it(reader: RunningApi, sessions: tuple[str, str]) -> None:
    """Else a request could still fill the memory with what is refused afterwards."""
    with reader.counted() as statements:
        reader.error(named(READS_TOO_MUCH["a page"], sessions))
    by_share, together = [statement for statement in statements if "messages" in statement]
    assert "CASE WHEN (octet_length(" in by_share
    assert "CASE WHEN (sum(octet_length(" in together


def test_short_texts_are_not_added_up_by_the_database(reader: RunningApi, module_database: str) -> None:
    """It would have each message in hand twice, of which nearly none is long."""
    session = add_session(module_database, "telegram", "brief", messages=[{"content": "ж" * 5000}] * 3)
    with reader.counted() as statements:
        data = reader.execute('{ session(by: {id: "' + session + '"}) { messages(first: 3) { nodes { content } } } }')
    assert [node["content"] for node in data["session"]["messages"]["nodes"]] == ["ж" * 5000] * 3
    (reading,) = [statement for statement in statements if "messages" in statement]
    assert "OVER" not in reading


def test_messages_are_read_by_one_statement_after_the_other(reader: RunningApi, sessions: tuple[str, str]) -> None:
    """Side by side, each could read as much as is left for all of them."""
    at_once: list[int] = [0]

    async def noted(connection: Connection, statement: str, *parameters: object) -> object:
        if "octet_length" not in statement:
            return await asyncpg.Connection.fetch(connection, statement, *parameters)
        at_once.append(at_once[-1] + 1)
        try:
            return await asyncpg.Connection.fetch(connection, statement, *parameters)
        finally:
            at_once.append(at_once[-1] - 1)

    with patch.object(Connection, "fetch", noted, create=True):
        reader.post(
            named('{ session(by: {id: "OTHER"}) { messages(first: 0) { totalCount } history { id } } }', sessions)
        )
    assert at_once == [0, 1, 0, 1, 0]


def test_what_is_within_the_bound_is_answered(reader: RunningApi, sessions: tuple[str, str]) -> None:
    data = reader.execute(
        named('{ session(by: {id: "OTHER"}) { messages(first: 2) { nodes { content } } } }', sessions)
    )
    assert [node["content"] for node in data["session"]["messages"]["nodes"]] == [OWN] * 2


def test_a_request_that_was_refused_takes_nothing_from_the_next(reader: RunningApi, sessions: tuple[str, str]) -> None:
    for _ in range(3):
        reader.execute(named('{ session(by: {id: "OTHER"}) { history { content } } }', sessions))


def test_each_change_of_a_request_leaves_the_bound_as_it_is(reader: RunningApi, module_database: str) -> None:
    """What was loaded is forgotten with a change; what was read is not."""
    session = add_session(module_database, "telegram", "cleared", messages=[{"content": OWN}] * 2)
    change = '%s: clearSessionHistory(input: {sessionId: "' + session + '"}) { ... on ClearSessionHistorySuccess '
    payload = "{ session { messages(first: 1, includeCleared: true) { nodes { id } } } } }"
    body = reader.post("mutation { " + " ".join(change % name + payload for name in "ab") + " }").json()
    assert [error["path"][0] for error in body["errors"]] == ["b"]


@pytest.mark.parametrize(
    "document",
    [
        '{ node(id: "M1") { ... on Message { a: content b: content c: content } } }',
        '{ nodes(ids: ["M1", "M1", "M1"]) { ... on Message { content } } }',
    ],
)
@pytest.mark.parametrize("media_type", ["application/json", "application/graphql-response+json"])
def test_one_long_text_written_many_times_is_not_sent(
    reader: RunningApi, sessions: tuple[str, str], document: str, media_type: str
) -> None:
    """In memory they are one."""
    document = document.replace("M1", node_id("Message", 1))
    response = reader.post(named(document, sessions), Accept=media_type)
    body = response.json()
    assert (response.status_code, body["data"]) == (200, None)
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "response bytes", "maximum": MAXIMUM}
    assert body["extensions"]["cost"]["requested"] > 0


ANSWERS: list[Any] = [
    None,
    {},
    {"name": "text", "number": 1, "none": None, "truth": True},
    {"nodes": [{"content": "long" * 100}, {"content": "Привет"}, None, ["nested", ["deeper"]]]},
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_never_thought_larger_than_it_is(answer: Any) -> None:
    assert text_is_within(answer, len(orjson.dumps(answer)))


@pytest.mark.parametrize(
    ("answer", "size"), [({"ab": "cde"}, 5), ({"a": ["ж", {"b": "cd"}]}, 6), ([["a"] * 7] * 3, 21)]
)
def test_names_and_text_are_counted_to_the_byte(answer: Any, size: int) -> None:
    assert text_is_within(answer, size)
    assert not text_is_within(answer, size - 1)


def test_marks_that_text_needs_in_json_count_as_well(module_database: str) -> None:
    """Each quotation mark of a text takes two bytes."""
    session = add_session(module_database, "telegram", "quoting", messages=[{"content": '"' * 60_000}])
    with running_api(module_database, http_maximum_response_bytes=MAXIMUM) as api:
        error = api.error('{ session(by: {id: "' + session + '"}) { history { content } } }')
    assert error["extensions"]["limit"] == "response bytes"
