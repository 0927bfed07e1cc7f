"""All servers have to answer the same, and to write the same, before any is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.side_by_side import postgraphile, rows
from benchmarks.side_by_side.servers import GRAPHILE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

    from benchmarks.side_by_side.operations import Operation
    from benchmarks.side_by_side.servers import Server

_OK: Final = 200
_NUMBERS: Final = (0, 1, 2, 3, 150, 202)
"""Requests that are compared, of those that come in turns; one of them comes again with other numbers."""
_SHOWN: Final = 400


class AnswersDiffer(Exception):
    """Two servers do not do the same, so that there is nothing to compare."""


async def require_the_same(
    servers: Sequence[Server], operations: Mapping[str, Operation], connection: asyncpg.Connection
) -> None:
    """Compare what servers answer to each operation, and what they write.

    Raises:
        AnswersDiffer: naming the operation and the two servers.
    """
    for name, operation in operations.items():
        expected: Any = None
        for server in servers:
            if operation.changes:
                await rows.put_back(connection)
            found: list[Any] = [answer(server, operation, number) for number in _NUMBERS]
            if operation.changes:
                found.append(await rows.trail(connection))
                await rows.put_back(connection)
            if expected is None:
                expected = found
            for wanted, given in zip(expected, found, strict=True):
                if given != wanted:
                    raise AnswersDiffer(
                        f"{name}: {servers[0].name} and {server.name} differ:\n"
                        + "\n".join(_around_difference(canonical(wanted), canonical(given)))
                    )


def answer(server: Server, operation: Operation, number: int) -> Any:
    """Give the data of an answer, without what differs from one request to the next.

    Raises:
        AnswersDiffer: the server refuses.
    """
    status, body = server.ask(server.requests(operation).at(number))
    content = orjson.loads(body) if status == _OK else {}
    if "data" not in content or "errors" in content:
        raise AnswersDiffer(f"{server.name} answers {status}: {body[:_SHOWN].decode(errors='replace')}")
    # A document that was never seen has its field under a name that was never seen.
    data = {"team" if name.startswith("seen") else name: value for name, value in content["data"].items()}
    if server.name == GRAPHILE:
        renamed = {"teamByPlatformName" if name == "team" else name: value for name, value in data.items()}
        data = postgraphile.translated(renamed)
    return _masked(data, operation.masked)


def canonical(value: Any) -> str:
    """Write a value as JSON in one way."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()


def _around_difference(one: str, other: str) -> list[str]:
    first = next((place for place, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), 0)
    begin = max(first - _SHOWN // 4, 0)
    return [text[begin : begin + _SHOWN] for text in (one, other)]


def _masked(value: Any, masked: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: "…" if name in masked else _masked(inner, masked) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, masked) for inner in value]
    return value
