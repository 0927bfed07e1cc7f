"""Run the audits of graphql-http against a server that is started for them, with a database of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.api.processes import environment, serving

HERE = Path(__file__).parent


def main() -> int:
    """Give Node's exit code: 0 where every audit passed."""
    # Short, because the path of PostgreSQL's socket has to be.
    with tempfile.TemporaryDirectory(prefix="pc-") as directory, serving(Path(directory)) as server:
        settings = environment(URL=f"{server.address}/graphql", KEY=server.key)
        return subprocess.run(["node", "audits.mjs"], cwd=HERE, env=settings, check=False).returncode  # noqa: S607 - found as the Makefile finds it


if __name__ == "__main__":
    sys.exit(main())
