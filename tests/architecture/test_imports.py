"""Imports go one way, and nobody else's module bears a name of ours."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUR_PACKAGES = ("graphql_api", "schema", "db", "domain", "migrations")


def test_imports_keep_the_contracts_of_pyproject() -> None:
    verdict = subprocess.run(  # noqa: S603 - a program of the development environment
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_the_domain_imports_nothing_but_the_standard_library() -> None:
    files = sorted((ROOT / "domain").rglob("*.py"))
    assert files
    foreign = {
        f"{file.relative_to(ROOT)} imports {module}"
        for file in files
        for module in imported_modules(file)
        if module.partition(".")[0] not in {"domain", *sys.stdlib_module_names}
    }
    assert foreign == set()


def imported_modules(file: Path) -> set[str]:
    """Give the modules that a file imports, those for the type checker and those inside functions too."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        # A relative import stays within its package.
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            modules.add(node.module)
    return modules


def test_no_dependency_provides_a_module_of_our_name() -> None:
    provided = packages_distributions()
    assert "strawberry" in provided
    assert {name: provided[name] for name in OUR_PACKAGES if name in provided} == {}
