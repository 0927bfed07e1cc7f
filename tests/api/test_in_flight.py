"""Who waits for a caller takes no place, and finds none where others have all by then."""

from __future__ import annotations

import pytest

from graphql_api.arrival import Arrival
from graphql_api.in_flight import InFlight
from graphql_api.refusals import Refusal


def test_there_is_room_for_another_meanwhile_and_it_has_to_end_before() -> None:
    at_work = {Arrival(0.0)}
    in_flight = InFlight(at_work, 1)
    other = Arrival(1.0)
    with in_flight.pausing():
        at_work.add(other)
        assert len(at_work) == in_flight.maximum
        at_work.discard(other)
    assert in_flight.maximum == 1


def test_whoever_finds_no_place_afterwards_is_refused() -> None:
    at_work = {Arrival(0.0)}
    in_flight = InFlight(at_work, 1)
    with pytest.raises(Refusal) as refused, in_flight.pausing():
        at_work.add(Arrival(1.0))
    assert (refused.value.status, refused.value.code) == (503, "OVERLOADED")
    assert in_flight.maximum == 1


def test_what_fails_meanwhile_fails_by_itself() -> None:
    """The place is given back all the same, and the reason is told, also where there would have been no place."""
    in_flight = InFlight({Arrival(0.0), Arrival(1.0)}, 1)
    with pytest.raises(LookupError), in_flight.pausing():
        raise LookupError
    assert in_flight.maximum == 1
