"""The longest text that a body can hold, at every place that takes text and as often as aliases allow."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from schema.documents.limits import DocumentLimits
from tests.processor_time import takes_less_than
from tests.schema.inputs.calls import calls
from tests.schema.inputs.outcomes import inspect, send
from tests.schema.inputs.places import body_that_repeats, places
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

SECONDS = 0.5
"""Of the processor, for server and client together. To decode or to normalise at each use takes more."""

CHARACTERS = 1_900_000
PLACES = {str(place): place for place in places("String", "ID")}
# Each is what is dearest to read: cursors are decoded, ids as well, and names are normalised.
CURSOR = base64.b64encode(b"[" + b"1," * (CHARACTERS * 3 // 8 - 2) + b"1]").decode()
ID = base64.b64encode(b"Team:" + b"1" * (CHARACTERS * 3 // 4 - 5)).decode()
# Six bytes of JSON for each.
NAME = "\u0301\u0323" * (CHARACTERS // 12)


def longest(place: str) -> str:
    """Give the text for a place, by the name of what it is given to."""
    if place.endswith(("(after)", "(before)")):
        return CURSOR
    return ID if PLACES[place].scalar == "ID" else NAME


@pytest.fixture(scope="module")
def team(module_database: str) -> TeamRow:
    """A team with keys, sessions and messages."""
    (row,) = populate(module_database, platform_name="of-length", display_name="of-length")
    return row


@pytest.mark.parametrize("name", sorted(PLACES))
def test_the_longest_text_at_a_place_is_answered_in_little_time(
    module_api: RunningApi, team: TeamRow, name: str
) -> None:
    """One request must not stop all others: they wait for as long as the process is busy with it."""
    place = PLACES[name]
    call = calls(team)[f"{place.type_name}.{place.field}"]
    times = DocumentLimits.root_fields if call.around == "%s" else DocumentLimits.aliases
    body = body_that_repeats(place, call, longest(name), times)
    with takes_less_than(SECONDS):
        response = send(module_api, body)
    assert response.status_code == 200
    inspect(response)
