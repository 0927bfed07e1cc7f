"""What `make audit` makes of pip-audit's report: only what is vulnerable fails it, and nothing passes unseen."""

from __future__ import annotations

from typing import Any

from tests.audit.__main__ import LOCKS, ROOT, summary, vulnerabilities

SOUND = {"name": "anyio", "version": "1", "vulns": []}
UNKNOWN = {"name": "click", "skip_reason": "Dependency not found"}
VULNERABLE = {"name": "requests", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3", "2.1"]}]}


def report(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(packages)}


def test_every_lock_file_is_audited() -> None:
    assert set(LOCKS) == {path.name for path in ROOT.glob("*.lock")}


def test_what_is_vulnerable_is_named_with_what_mends_it() -> None:
    assert vulnerabilities(report(SOUND, UNKNOWN, VULNERABLE)) == ["requests 2: PYSEC-1, mended in 3, 2.1"]
    assert vulnerabilities(report(SOUND, UNKNOWN)) == []


def test_an_audit_that_looked_nothing_up_says_that_it_was_skipped() -> None:
    assert summary("a.lock", report(UNKNOWN), "").startswith("SKIPPED: a.lock was not audited")
    assert summary("a.lock", report(), "No route.").endswith("No route.")


def test_what_was_not_looked_up_is_named() -> None:
    assert summary("a.lock", report(SOUND, UNKNOWN), "") == "a.lock: 0 found; 1 of 2 not looked up: click"
    assert summary("a.lock", report(SOUND, VULNERABLE), "") == "a.lock: 1 found in 2 packages"
