"""The headers of a request that decide what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Scope

_READ = frozenset({b"accept", b"authorization", b"content-type", b"content-encoding", b"content-length"})


class RequestHeaders(NamedTuple):
    """What a request says of itself. One that was sent more than once counts as one with commas, as HTTP has it."""

    accept: str
    authorization: bytes | None
    content_type: str
    content_encoding: str
    content_length: int | None

    @classmethod
    def of(cls, scope: Scope) -> RequestHeaders:
        """Read the headers of a request."""
        found: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _READ:
                found[name] = found[name] + b", " + value if name in found else value
        length = found.get(b"content-length", b"")
        return cls(
            accept=found.get(b"accept", b"").decode("latin-1"),
            authorization=found.get(b"authorization"),
            content_type=found.get(b"content-type", b"").decode("latin-1"),
            content_encoding=found.get(b"content-encoding", b"").decode("latin-1").strip().lower(),
            # Python reads no number of thousands of digits, and zeros in front are digits.
            content_length=int(length.lstrip(b"0") or b"0") if length.isdigit() else None,
        )


def bytes_of_head(url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Give how many bytes a request has before its body, but for its method and version."""
    return len(url) + sum(len(name) + len(value) + 4 for name, value in headers)


def has_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Say whether a request brings a body."""
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)
