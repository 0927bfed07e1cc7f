"""Run the hand-written endpoint: by the port, with the database and the key in the environment."""

from __future__ import annotations

from benchmarks.side_by_side import one_process
from benchmarks.side_by_side.handwritten.app import create_app

if __name__ == "__main__":
    one_process.run(create_app)
