"""When API keys were last used: written beside the requests, never in their way."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from db.commands.note_key_use import note_key_use
from db.errors import DatabaseUnavailable
from domain.api_key import LAST_USE_RESOLUTION

if TYPE_CHECKING:
    from db.database import Database
    from db.queries.api_keys import Credentials

logger = structlog.stdlib.get_logger(__name__)


class KeyUse:
    """Remembers which keys were used and writes it in the background, one statement at a time.

    What it remembers is bounded by the number of keys. A use that cannot be written is forgotten; the next is noted.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[int] = set()
        self._writer: asyncio.Task[None] | None = None

    def note(self, credentials: Credentials) -> None:
        """Note a use, unless one was written within the last minute already."""
        last = credentials.last_used_at
        if last is not None and datetime.now(UTC) - last < LAST_USE_RESOLUTION:
            return
        self._used.add(credentials.api_key_id)
        if self._writer is None or self._writer.done():
            # Without the context of the request, whose id has nothing to do with what else is written.
            self._writer = asyncio.create_task(self._write(), context=contextvars.Context())

    async def finish(self) -> None:
        """Wait until all that was noted is written."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._used:
            api_key_ids, self._used = self._used, set()
            try:
                await self._database.change(functools.partial(note_key_use, api_key_ids=api_key_ids))
            except DatabaseUnavailable as error:
                logger.warning("The last use of API keys could not be written.", reason=str(error))
            except Exception:
                # Nobody awaits this task before the end, and a use that is not noted harms no request.
                logger.exception("The last use of API keys could not be written.")
