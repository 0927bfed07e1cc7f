"""What a database holds after `seed`, and what it said that it made."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from tests.api.processes import fetch

COUNTED = ("teams", "api_keys", "chat_sessions", "messages", "usage_logs")


def rows(database: str, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in asyncio.run(fetch(database, statement))]


def counts(database: str) -> list[int]:
    return [rows(database, f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED]  # noqa: S608 - fixed names


def printed_counts(output: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", output)]
