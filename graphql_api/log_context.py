"""What every line of the log says of the request that it is written for.

structlog has the like for anything and any nesting of it, which takes a request several times as long.
"""

from __future__ import annotations

from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from structlog.typing import EventDict

_NOTHING: Mapping[str, str] = MappingProxyType({})
# Shared by all tasks of a request, so that what is learnt in one is told by the lines of all.
_known: ContextVar[Mapping[str, str]] = ContextVar("known", default=_NOTHING)


def begin(request_id: str) -> None:
    """Tell of a request from now on."""
    _known.set({"request_id": request_id})


def add_viewer(name: str) -> None:
    """Tell who sent it as well, now that it is known."""
    known = _known.get()
    if isinstance(known, dict):
        known["viewer"] = name


def end() -> None:
    """Tell of none any more."""
    _known.set(_NOTHING)


def add_request(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Add what is known of the request to a line of the log; a processor of structlog's."""
    for name, value in _known.get().items():
        event.setdefault(name, value)
    return event
