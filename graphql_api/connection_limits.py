"""What a connection may send, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many bytes request line and headers may have, and how many seconds sending and taking may last."""

    header_bytes: int
    receive_seconds: float
    send_seconds: float
