"""Cursors that this API never gave out: whatever they are made of, they are refused as the caller's mistake."""

from __future__ import annotations

import base64
import itertools
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.pagination import CURSOR_MAXIMUM_LENGTH
from tests.schema.documents import NESTED, PAGE, ROOTS
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.running_api import RunningApi

BAD_USER_INPUT = "BAD_USER_INPUT"

# What a cursor may be tampered into: any JSON, much of it close to what a real one holds.
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**31 - 2, max_value=2**63 + 1)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\x00", "a\x00b", "\ud800", "9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+00:00"])
    | st.sampled_from(["2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00+05:00", "infinity", "now()"])
    | st.datetimes().map(lambda moment: moment.isoformat() + "+00:00")
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)


def encoded(payload: object) -> str:
    """Write a payload as cursors are written."""
    text = json.dumps(payload, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode(errors="surrogatepass")).decode()


@pytest.fixture(scope="module")
def real_cursors(module_api: RunningApi, module_database: str) -> tuple[TeamRow, dict[str, str]]:
    """A team with rows in every connection, and a cursor of each."""
    (team,) = populate(module_database, platform_name="of-cursors", display_name="of-cursors")
    cursors = {}
    for name, document in (ROOTS | NESTED).items():
        parent = team.sessions[0] if "messages" in name else team
        data = module_api.execute(document % PAGE, {"id": parent.node_id, "first": 1} if name in NESTED else {})
        cursors[name] = (data.get("page") or data["node"]["page"])["edges"][0]["cursor"]
    return team, cursors


def refused(api: RunningApi, team: TeamRow, name: str, cursor: str) -> bool:
    """Send a cursor: it is refused as the caller's mistake, or taken, and nothing else ever happens.

    Where pages can be taken from either end, it is sent for both.
    """
    parent = team.sessions[0] if "messages" in name else team
    outcomes = set()
    for argument in ("after", "before") if name in ROOTS else ("after",):
        variables = {argument: cursor} | ({"id": parent.node_id} if name in NESTED else {})
        response = api.post((ROOTS | NESTED)[name].replace("after", argument) % "nodes { id }", variables)
        body = response.json()
        assert response.status_code == 200, body
        for error in body.get("errors", ()):
            assert error["extensions"] == {"code": BAD_USER_INPUT}
            assert f"`{argument}`" in error["message"]
        outcomes.add(bool(body.get("errors")))
    (outcome,) = outcomes
    return outcome


SETTINGS = settings(max_examples=25)


@pytest.mark.parametrize("name", ROOTS | NESTED)
@SETTINGS
@given(data=st.data())
def test_a_tampered_cursor_is_taken_or_refused_and_never_an_internal_error(
    module_api: RunningApi, real_cursors: tuple[TeamRow, dict[str, str]], name: str, data: st.DataObject
) -> None:
    team, cursors = real_cursors
    payload = json.loads(base64.urlsafe_b64decode(cursors[name]))
    place = data.draw(st.integers(0, len(payload)))
    tampered = data.draw(
        st.one_of(
            st.builds(lambda value: [*payload[:place], value, *payload[place + 1 :]], ANYTHING),
            st.builds(lambda value: [payload[0], *([value] * (len(payload) - 1))], ANYTHING),
        )
    )
    refused(module_api, team, name, encoded(tampered))


@SETTINGS
@given(noise=st.binary(max_size=60))
def test_noise_is_no_cursor(module_api: RunningApi, real_cursors: tuple[TeamRow, dict[str, str]], noise: bytes) -> None:
    team, _ = real_cursors
    for cursor in (base64.urlsafe_b64encode(noise).decode(), noise.decode("latin-1")):
        assert refused(module_api, team, "teams", cursor)


FORGERIES: dict[str, Callable[..., str]] = {
    "one value more": lambda *payload: encoded([*payload, 1]),
    "no values": lambda name, *_: encoded([name]),
    "an id too large": lambda *payload: encoded([*payload[:-1], 2**63]),
    "an id below zero": lambda *payload: encoded([*payload[:-1], -1]),
    "a truth value for an id": lambda *payload: encoded([*payload[:-1], True]),
    "text for an id": lambda *payload: encoded([*payload[:-1], str(payload[-1])]),
    "a fraction for an id": lambda *payload: encoded([*payload[:-1], payload[-1] + 0.5]),
    "an object": lambda *payload: encoded(dict.fromkeys(map(str, payload))),
    "a list too deep": lambda *payload: encoded([payload]),
    "an empty list": lambda *_: encoded([]),
    "a number": lambda *_: encoded(7),
    "cut off": lambda *payload: encoded(payload)[:-3],
    "NUL behind it": lambda *payload: encoded(payload) + "\x00",
    "twice": lambda *payload: encoded(payload) + encoded(payload),
    "nested without end": lambda *_: base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    "a number without end": lambda *_: base64.urlsafe_b64encode(b"[" + b"9" * 100_000 + b"]").decode(),
    "huge": lambda *_: "A" * 200_000,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
@pytest.mark.parametrize("name", ROOTS | NESTED)
def test_a_forged_cursor_is_refused(
    module_api: RunningApi, real_cursors: tuple[TeamRow, dict[str, str]], name: str, forge: Callable[..., str]
) -> None:
    team, cursors = real_cursors
    payload = json.loads(base64.urlsafe_b64decode(cursors[name]))
    assert refused(module_api, team, name, forge(*payload))


@pytest.mark.parametrize("value", [2**31, 2**32 + 1, 2**63 - 1])
@pytest.mark.parametrize("name", ROOTS | NESTED)
def test_an_id_beyond_its_column_is_refused_too(
    module_api: RunningApi, real_cursors: tuple[TeamRow, dict[str, str]], name: str, value: int
) -> None:
    """Ids of sessions have 64 bits, all others 32: what the database could not compare never gets there."""
    team, cursors = real_cursors
    payload = json.loads(base64.urlsafe_b64decode(cursors[name]))
    assert refused(module_api, team, name, encoded([*payload[:-1], value])) is ("sessions" not in name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("teams", "a\x00b"),
        ("teams", "\ud800"),
        ("teams", 7),
        ("teams", None),
        ("apiKeys", "2026-01-31"),
        ("apiKeys", "2026-01-31T12:00:00"),
        ("apiKeys", "2026-01-31T12:00:00+05:00"),
        ("sessions", "0001-01-01T00:00:00+23:59"),
        ("sessions", "2026-13-31T12:00:00+00:00"),
        ("sessions", 1767225600),
    ],
)
def test_a_cursor_holds_what_its_order_is_by(
    module_api: RunningApi, real_cursors: tuple[TeamRow, dict[str, str]], name: str, value: object
) -> None:
    team, cursors = real_cursors
    order, _, *rest = json.loads(base64.urlsafe_b64decode(cursors[name]))
    assert refused(module_api, team, name, encoded([order, value, *rest]))


@pytest.mark.parametrize(("of", "under"), list(itertools.permutations(["teams", "apiKeys", "sessions", "messages"], 2)))
def test_a_cursor_is_refused_by_another_connection(
    module_api: RunningApi, real_cursors: tuple[TeamRow, dict[str, str]], of: str, under: str
) -> None:
    team, cursors = real_cursors
    assert not refused(module_api, team, of, cursors[of])
    assert refused(module_api, team, under, cursors[of])


def test_the_longest_cursor_goes_on_and_a_longer_one_is_refused(api: RunningApi, database: str) -> None:
    """A name of 255 characters may be of those that JSON writes in twelve letters each."""
    populate(database, display_name="\N{GRINNING FACE}" * 255, platform_name="longest")
    ask = "query($after: String) { teams(after: $after) { nodes { id } pageInfo { endCursor } } }"
    cursor = api.execute(ask)["teams"]["pageInfo"]["endCursor"]
    assert CURSOR_MAXIMUM_LENGTH / 2 < len(cursor) < CURSOR_MAXIMUM_LENGTH
    assert api.execute(ask, {"after": cursor})["teams"]["nodes"] == []
    padded = base64.b64encode(base64.b64decode(cursor, altchars=b"-_") + b" " * CURSOR_MAXIMUM_LENGTH).decode()
    assert "not a cursor" in api.error(ask, {"after": padded})["message"]
