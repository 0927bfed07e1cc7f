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
async def signs_of_life(report: Callable[[str], None], what: str) -> AsyncIterator[Callable[[str], None]]:
    """Report now and then, until the block ends, that `what` is still being done and for how long.

    Gives what the block is to report by: as long as it has news of its own, no sign is needed.
    """
    begun = reported = time.monotonic()

    def tell(line: str) -> None:
        nonlocal reported
        reported = time.monotonic()
        report(line)

    async def repeat() -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_SIGNS)
            now = time.monotonic()
            if now - reported >= SECONDS_BETWEEN_SIGNS:
                report(f"Still at work after {now - begun:.0f} s: {what}.")

    signs = asyncio.create_task(repeat())
    try:
        yield tell
    finally:
        signs.cancel()
