"""The page for browsers: bundled where it was built, from a CDN where it was not, and the log says which."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, get_variable_values, parse, validate

from graphql_api import app
from graphql_api.graphiql_page import GraphiQLPage
from schema.build import build_schema
from tests.running_api import running_api

EXAMPLES = sorted((Path(app.__file__).parent / "graphiql" / "src" / "examples").glob("*.graphql"))


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A directory with what a build leaves."""
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<title>bundled</title>")
    (assets / "main-1a2b.js").write_text("1")
    return tmp_path


def test_a_built_page_allows_no_other_host_and_its_assets_stay(
    migrated_database: str, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "GRAPHIQL_DIRECTORY", built)
    with running_api(migrated_database) as api:
        page = api.client.get(f"{api.address}/graphql", headers={"Accept": "text/html"})
        assert "bundled" in page.text
        policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy.pop("style-src") == "'self' 'unsafe-inline'"
        assert policy.pop("img-src") == "'self' data:"
        assert set(policy.values()) == {"'self'", "'none'"}
        asset = api.client.get(f"{api.address}/graphiql/assets/main-1a2b.js")
        assert asset.text == "1"
        assert "immutable" in asset.headers["Cache-Control"]
        # The page is not to be had without its policy.
        assert api.client.get(f"{api.address}/graphiql/assets/%2e%2e/index.html").status_code == 404


def test_without_a_build_the_page_comes_from_a_cdn_under_a_policy(tmp_path: Path) -> None:
    page = GraphiQLPage.from_directory(tmp_path)
    assert not page.is_bundled
    assert page.routes() == []
    response = page.response()
    assert b"graphiql" in bytes(response.body).lower()
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_the_log_says_where_the_page_comes_from(
    migrated_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "GRAPHIQL_DIRECTORY", tmp_path)
    with running_api(migrated_database) as api:
        assert api.client.get(f"{api.address}/graphql", headers={"Accept": "text/html"}).status_code == 200
    # Where it goes depends on who configured the logs of this process first.
    assert "make graphiql" in "".join(capfd.readouterr())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_the_schema(example: Path) -> None:
    schema = build_schema()._schema  # noqa: SLF001 - graphql-core's schema, to validate against
    document = parse(example.read_text(encoding="utf-8"))
    assert validate(schema, document) == []
    (operation,) = (part for part in document.definitions if isinstance(part, OperationDefinitionNode))
    variables = example.with_suffix(".json")
    given = json.loads(variables.read_text(encoding="utf-8")) if variables.exists() else {}
    coerced = get_variable_values(schema, operation.variable_definitions or (), given)
    assert not isinstance(coerced, list), coerced
