"""What reaches the server's books late or at length does not upset them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from graphql_api.headers import RequestHeaders
from graphql_api.open_connections import OpenConnections

if TYPE_CHECKING:
    from graphql_api.connection import Connection


def test_a_connection_that_is_lost_makes_no_room() -> None:
    """With pipelining, one of its requests may be answered after that; it would lift the bound for good."""
    connections = OpenConnections(1)
    lost, kept, another = (cast("Connection", object()) for _ in range(3))
    assert connections.opened(lost)
    connections.closed(lost)
    connections.waits(lost)
    assert connections.opened(kept)
    assert not connections.opened(another)


@pytest.mark.parametrize(("sent", "length"), [(b"0" * 4999 + b"2", 2), (b"0" * 5000, 0), (b"17", 17), (b"", None)])
def test_zeros_in_front_of_a_length_are_read(sent: bytes, length: int | None) -> None:
    """Python refuses to read a number of more than 4,300 digits."""
    assert RequestHeaders.of({"headers": [(b"content-length", sent)]}).content_length == length
