"""Run the hand-written endpoint: by the port, with the database and the key in the environment."""

from __future__ import annotations

import os
import sys

import uvicorn

from benchmarks.side_by_side.handwritten.app import create_app

if __name__ == "__main__":
    uvicorn.run(
        create_app(os.environ["DATABASE_URL"], os.environ["BENCHMARK_KEY"]),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
