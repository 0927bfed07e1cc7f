"""How the servers that are not the program itself are run: as the program is, by one process of uvicorn."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette


def run(create_app: Callable[[str, str], Starlette]) -> None:
    """Serve the application made of the database's address and the key, on the port that the command line gives."""
    uvicorn.run(
        create_app(os.environ["DATABASE_URL"], os.environ["BENCHMARK_KEY"]),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
