"""Signs of life from steps that take long."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SECONDS_BETWEEN_SIGNS: Final = 15.0


@asynccontextmanager
async def signs_of_life(report: Callable[[str], None], what: str) -> AsyncIterator[None]:
    """Report now and then, until the block ends, that `what` is still being done and for how long."""
    begun = time.monotonic()

    async def repeat() -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_SIGNS)
            report(f"Still at work after {time.monotonic() - begun:.0f} s: {what}.")

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
