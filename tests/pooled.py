"""Where a whole test run reaches its databases by way of a pooler, what gives a database's address by that way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

POOLED: list[Callable[[str], str | None]] = []
"""Where it holds something: the way to the databases of the run's own PostgreSQL; None for all others."""


def pooled(database: str) -> str | None:
    """Give a database's address by way of the run's pooler; None where the run has none or it does not lead there."""
    return POOLED[0](database) if POOLED else None
