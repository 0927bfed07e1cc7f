"""`make fuzz`: Schemathesis against the real server, with an administrator's key and with a team's.

Each run has a server and a database of its own, so that a seed gives the same requests each time. It fails on whatever
Schemathesis finds, and on any defect that the server writes to its log.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.api.processes import ADMIN_KEY, ROOT, environment, serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.api.processes import Server

HERE = Path(__file__).parent
SCHEMA = ROOT / "schema" / "schema.graphql"
CALLERS = ("admin", "team")
PATIENCE = 1200.0

CREATE = """mutation($name: String!) {
    createTeam(input: {displayName: $name, platformName: $name, platformType: PUBLIC}) {
        ... on CreateTeamSuccess { team { id } issuedApiKey { secret } }
    }
}"""
CONVERSE = """mutation($id: ID!) {
    appendMessages(input: {sessionId: $id, messages: [{role: USER, content: "Hi"}]}) { __typename }
    recordUsage(input: {sessionId: $id, model: "m", success: true, tokensUsed: 7}) { __typename }
}"""
OPEN = """mutation($user: String!) {
    openSession(input: {userId: $user}) { ... on OpenSessionSuccess { session { id } } }
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every seed for every caller; say what was done, and give 1 where something was found."""
    options = _options(arguments)
    failed = [
        f"--caller {caller} --seed {seed}"
        for seed in options.seed or range(1, options.seeds + 1)
        for caller in options.caller or CALLERS
        if not _run(caller, seed, options.examples)
    ]
    if failed:
        print("Found something; run it again with ARGS for each of these:", *failed, sep="\n  ")  # noqa: T201 - its report
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from 1 on (default 5)")
    parser.add_argument("--seed", type=int, action="append", help="this seed and no other; may be repeated")
    parser.add_argument("--examples", type=int, default=100, help="requests for each operation (default 100)")
    parser.add_argument("--caller", choices=CALLERS, action="append", help="this caller only")
    return parser.parse_args(arguments)


def _run(caller: str, seed: int, examples: int) -> bool:
    # Short, because the path of a socket has to be.
    directory = Path(tempfile.mkdtemp(prefix="pc-"))
    began = time.monotonic()
    try:
        with serving(directory, SUPER_ADMIN_API_KEYS=f"fuzz:{ADMIN_KEY}", LOG_FORMAT="json") as server:
            key = _populate(server)
            fuzzed = _fuzz(server.address, ADMIN_KEY if caller == "admin" else key, seed, examples)
            defects = [line for line in server.said.splitlines() if '"level":"error"' in line]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    summary = next((line for line in fuzzed.stdout.splitlines() if " generated, " in line), "nothing was sent").strip()
    print(f"seed {seed}, {caller}: {summary}; {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201 - its report
    passed = fuzzed.returncode == 0 and not defects and "generated" in summary
    if not passed:
        print(fuzzed.stdout, fuzzed.stderr, *defects, sep="\n", flush=True)  # noqa: T201 - see above
    return passed


def _populate(server: Server) -> str:
    """Make what the dictionaries name: two teams, and two sessions of the first one's key, whose secret this gives."""
    made = [server.execute(CREATE, {"name": name})["createTeam"] for name in ("fuzzed", "another")]
    secret: str = made[0]["issuedApiKey"]["secret"]
    for user in ("ada", "bob"):
        opened = server.post(OPEN, {"user": user}, key=secret).json()["data"]["openSession"]["session"]["id"]
        assert server.post(CONVERSE, {"id": opened}, key=secret).json()["data"]
    return secret


def _fuzz(address: str, key: str, seed: int, examples: int) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis, with the committed schema: introspection may be for administrators only."""
    return subprocess.run(  # noqa: S603 - the command is ours
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(HERE / "schemathesis.toml"), "run", str(SCHEMA), "--url", f"{address}/graphql"),
            *("--header", f"Authorization: Bearer {key}", "--seed", str(seed), "--max-examples", str(examples)),
        ],
        cwd=HERE,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
