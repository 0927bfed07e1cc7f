"""Run Ariadne: by the port, with the database and the key in the environment."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ariadne import make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

import schema
from benchmarks.side_by_side import one_process
from benchmarks.side_by_side.ariadne_server.documents import KeptDocuments
from benchmarks.side_by_side.ariadne_server.resolvers import BINDABLES
from benchmarks.side_by_side.handwritten.app import CONNECTIONS, KeyRequired
from benchmarks.side_by_side.requests import ADMINISTRATOR
from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from db.text_budget import TextBudget
from domain.viewer import Admin
from graphql_api.settings import load_settings
from schema.context import Context, PlatformRules

if TYPE_CHECKING:
    from starlette.requests import Request


def create_app(address: str, key: str) -> Starlette:
    """Make the application over a database, for whoever bears the key."""
    settings = load_settings()
    database = Database(create_engine(database_url(address), pool_size=CONNECTIONS, limits=SERVING_LIMITS))
    rules = PlatformRules(settings.defaults(), settings.admin_users(), settings.session_timeout())
    viewer = Admin(ADMINISTRATOR)

    def context(_: Request, __: dict[str, Any]) -> Context:
        return Context(database, rules, viewer, partial(TextBudget, settings.http_maximum_response_bytes))

    text = (Path(schema.__file__).parent / "schema.graphql").read_text(encoding="utf-8")
    documents = KeptDocuments()
    graphql = GraphQL(
        make_executable_schema(text, *BINDABLES, convert_names_case=True),
        context_value=context,
        query_parser=documents.parse,
        query_validator=documents.validate,
    )
    return Starlette(routes=[Route("/graphql", graphql)], middleware=[Middleware(KeyRequired, key=key)])


if __name__ == "__main__":
    one_process.run(create_app)
