"""`serve` for a variant: `python -m benchmarks.limits.server VARIANT`, with the settings of its environment."""

from __future__ import annotations

import sys

from benchmarks.limits.variants import OVER_HTTP
from graphql_api.commands.serve import serve

if __name__ == "__main__":
    with OVER_HTTP[sys.argv[1]].in_place():
        serve(["--port", "0"])
