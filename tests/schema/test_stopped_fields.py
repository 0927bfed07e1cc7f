"""A field that fails stops its siblings, and nobody else."""

from __future__ import annotations

import asyncio

import pytest

from schema.loaders import DataLoader


@pytest.mark.anyio
async def test_who_stops_waiting_for_a_key_stops_nobody_else() -> None:
    answer = asyncio.Event()

    async def load(keys: list[int]) -> list[int]:
        await answer.wait()
        return keys

    loader: DataLoader[int, int] = DataLoader(load)
    stopped, waiting = (asyncio.ensure_future(loader.load(1)) for _ in range(2))
    await asyncio.sleep(0)
    stopped.cancel()
    answer.set()
    assert await waiting == 1
