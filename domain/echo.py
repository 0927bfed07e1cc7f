"""How much of a caller's text is repeated to it."""

from __future__ import annotations

ECHO_MAXIMUM_LENGTH = 200


def shortened(text: str, maximum_length: int = ECHO_MAXIMUM_LENGTH) -> str:
    """Give text as it may stand in a message: what is longer than anybody reads ends in `…`."""
    return text if len(text) <= maximum_length else text[: maximum_length - 1] + "…"
