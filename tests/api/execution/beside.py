"""Awaiting many by strands, and coroutines that do nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from graphql_api.execution.strands import Strand
from graphql_api.execution.together import Together

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def together(*awaitables: Awaitable[Any]) -> list[Any]:
    """Await all, each by a strand."""
    strands = [Strand(place, awaitable) for place, awaitable in enumerate(awaitables)]
    return list(await Together([None] * len(strands), strands))


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def nothing() -> None:
    await asyncio.sleep(0)
