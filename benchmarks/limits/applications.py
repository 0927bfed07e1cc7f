"""The variants put together by the program, on one connection to one database."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import uvicorn
from pydantic import SecretStr

import graphql_api.app
from benchmarks.limits.operations import KEY
from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from graphql_api.app import create_app
from graphql_api.connection import connections
from graphql_api.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from benchmarks.limits.variants import Variant
    from graphql_api.settings import Settings


def settings_for(database: str) -> Settings:
    """Give the settings of the environment, with a database and a key of the benchmark's."""
    return load_settings().model_copy(
        update={"database_url": SecretStr(database), "super_admin_api_keys": SecretStr(f"bench:{KEY}")}
    )


@asynccontextmanager
async def served(settings: Settings, variants: Mapping[str, Variant]) -> AsyncIterator[dict[str, uvicorn.Config]]:
    """Give what each variant is served by. They share the database, since no two connections are equally fast."""
    assert settings.database_url is not None  # noqa: S101 - for the type checker: settings_for() sets it  # nosec B101
    url = database_url(settings.database_url.get_secret_value())
    shared = Database(create_engine(url, pool_size=1, limits=SERVING_LIMITS))
    try:
        made: dict[str, uvicorn.Config] = {}
        for name, variant in variants.items():
            with variant.in_place(), patch.object(graphql_api.app, "Database", lambda _engine: shared):
                app = create_app(settings.model_copy(update={"graphql_executor": variant.executor}))
            made[name] = uvicorn.Config(
                app,
                # As the program's own command has it.
                http=connections(settings) if variant.bounded_connections else "httptools",
                forwarded_allow_ips=list(settings.forwarded_allow_ips),
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_keep_alive=75,
                # It would have each listen to signals.
                lifespan="off",
            )
        yield made
    finally:
        await shared.close()
