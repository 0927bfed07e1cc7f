"""The lock files hold what pyproject.toml asks for, agree with one another, and name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PRODUCTION = PYPROJECT["project"]["dependencies"]
LOCAL = [*PRODUCTION, *PYPROJECT["project"]["optional-dependencies"]["embedded"]]
DEVELOPMENT = [*LOCAL, *PYPROJECT["dependency-groups"]["dev"], *PYPROJECT["dependency-groups"]["browser"]]
BENCHMARKS = [*LOCAL, *PYPROJECT["dependency-groups"]["bench"]]
LOCKS = {
    "requirements.lock": PRODUCTION,
    "requirements-local.lock": LOCAL,
    "requirements-dev.lock": DEVELOPMENT,
    "requirements-bench.lock": BENCHMARKS,
}


def text_of(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def versions_of(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text_of(lock), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_dependency_in_an_allowed_version(lock: str) -> None:
    locked = versions_of(lock)
    missing = [
        text
        for text in LOCKS[lock]
        if not (wanted := Requirement(text)).specifier.contains(locked.get(canonicalize_name(wanted.name), "0"))
    ]
    assert not missing, f"run `make lock`: {missing}"


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("requirements.lock", "requirements-local.lock"),
        ("requirements-local.lock", "requirements-dev.lock"),
        ("requirements-local.lock", "requirements-bench.lock"),
    ],
)
def test_what_is_tested_is_what_runs(smaller: str, larger: str) -> None:
    assert versions_of(smaller).items() <= versions_of(larger).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_python_lock_names_no_address_and_no_option(lock: str) -> None:
    assert not re.findall(r"^.*://.*$|^ *-[^-].*$", text_of(lock), re.MULTILINE)


@pytest.mark.parametrize("directory", ["graphql_api/graphiql", "benchmarks/side_by_side/postgraphile"])
def test_an_npm_lock_names_no_registry(directory: str) -> None:
    """The .npmrc beside it keeps npm from writing where each package came from."""
    text = text_of(f"{directory}/package-lock.json")
    assert '"resolved"' not in text
    assert "registry" not in text
