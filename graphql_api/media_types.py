"""Which media type a response has, and which a request: what `Accept` and `Content-Type` say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
_PAGE = "text/html"

_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_EXACT, _SAME_KIND, _ANY = 2, 1, 0


class Preference(NamedTuple):
    """What a caller would like to have: one of the two media types, None where it takes neither; and a page instead."""

    media_type: str | None
    page: bool


class _Match(NamedTuple):
    """How well a media type suits: by the caller's weight first, then by how closely it was named."""

    weight: float = 0.0
    closeness: int = _ANY


@lru_cache(maxsize=128)
def preference(accept: str) -> Preference:
    """Read an `Accept` header; an empty one takes anything.

    Where both media types suit as well, the newer one is given to those who name it, and the older to all others.
    """
    if not accept.strip():
        return Preference(JSON, page=False)
    ranges = _ranges(accept)
    older, newer, page = (_match(media_type, ranges) for media_type in (JSON, GRAPHQL_RESPONSE, _PAGE))
    best = max(older, newer)
    return Preference(
        media_type=_chosen(older, newer) if best.weight else None,
        page=page.closeness == _EXACT and page.weight > 0 and page.weight >= best.weight,
    )


def _chosen(older: _Match, newer: _Match) -> str:
    named = newer.closeness == _EXACT
    return GRAPHQL_RESPONSE if newer > older or (newer == older and named) else JSON


def _ranges(accept: str) -> dict[str, float]:
    """Give the weight of each media range; what cannot be read says nothing."""
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((text.removeprefix("q=") for text in parameters if text.startswith("q=")), "1")
        if "/" in name and _WEIGHT.fullmatch(weight):
            ranges.setdefault(name, float(weight))
    return ranges


def _match(media_type: str, ranges: dict[str, float]) -> _Match:
    kind = media_type.partition("/")[0]
    for name, closeness in ((media_type, _EXACT), (f"{kind}/*", _SAME_KIND), ("*/*", _ANY)):
        if name in ranges:
            return _Match(ranges[name], closeness)
    return _Match()


@lru_cache(maxsize=128)
def is_json(content_type: str) -> bool:
    """Tell whether a body says that it is JSON in UTF-8, which is the default."""
    name, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    charsets = [text.removeprefix("charset=").strip('"') for text in parameters if text.startswith("charset=")]
    return name == JSON and all(charset in {"utf-8", "utf8"} for charset in charsets)
