"""`make audit`, second half: pip-audit over the lock files, wherever it can reach what is known about packages.

It fails where a locked version has a known vulnerability, and on nothing else. What could not be looked up is said, for
pip-audit itself calls that "no known vulnerabilities".
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-local.lock", "requirements-dev.lock", "requirements-bench.lock")
PATIENCE = 180.0
"""Seconds for each lock file; pip-audit's own limit is for each of its requests."""


def main() -> int:
    """Audit each lock file and give 1 where something was found."""
    found = 0
    for lock in LOCKS:
        report, failure = _report(lock)
        vulnerable = vulnerabilities(report)
        found += len(vulnerable)
        print(summary(lock, report, failure), *vulnerable, sep="\n  ")  # noqa: T201 - its report
    return 1 if found else 0


def vulnerabilities(report: dict[str, Any]) -> list[str]:
    """Name each vulnerability that was found, with the package and the versions that mend it."""
    return [
        f"{package['name']} {package['version']}: {entry['id']}, mended in {', '.join(entry['fix_versions']) or 'none'}"
        for package in report["dependencies"]
        for entry in package.get("vulns", ())
    ]


def summary(lock: str, report: dict[str, Any], failure: str) -> str:
    """Say in a line what the audit of a lock file is worth."""
    packages = report["dependencies"]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    found = len(vulnerabilities(report))
    if len(unknown) == len(packages):
        return f"SKIPPED: {lock} was not audited, because pip-audit cannot reach its data from here. {failure}".strip()
    if unknown:
        return f"{lock}: {found} found; {len(unknown)} of {len(packages)} not looked up: {', '.join(unknown)}"
    return f"{lock}: {found} found in {len(packages)} packages"


def _report(lock: str) -> tuple[dict[str, Any], str]:
    """Run pip-audit; where it gives no report, an empty one and the last line of what it said instead."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / lock)]
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours
            command + options, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
        )
        report: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"dependencies": []}, f"It took more than {PATIENCE:.0f} seconds."
    except ValueError:
        return {"dependencies": []}, done.stderr.strip().rpartition("\n")[2][:200]
    return report, ""


if __name__ == "__main__":
    sys.exit(main())
