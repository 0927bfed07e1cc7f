"""The variants put together by the program, on one connection to one database.

Each has a copy of what serves its connections. Python's interpreter fits code to the classes that it has met in it, and
code that serves two classes in turns fits neither: what the limits seemed to take of the smallest request was anything
from 2 us to 10 us, by how many variants of a kind there were. A server has one.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import uvicorn
from pydantic import SecretStr

import graphql_api.app
from benchmarks.limits.operations import KEY
from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from graphql_api.app import create_app
from graphql_api.arrival import ARRIVAL, Arrival
from graphql_api.asgi import collect_seldom
from graphql_api.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from benchmarks.limits.variants import Variant
    from graphql_api.settings import Settings

_OF_CONNECTIONS: Final = (
    "uvicorn.protocols.http.httptools_impl",
    "graphql_api.answer_writing",
    "graphql_api.beginnings",
    "graphql_api.connection",
    "graphql_api.connections",
)


def settings_for(database: str) -> Settings:
    """Give the settings of the environment, with a database and a key of the benchmark's."""
    return load_settings().model_copy(
        update={"database_url": SecretStr(database), "super_admin_api_keys": SecretStr(f"bench:{KEY}")}
    )


@asynccontextmanager
async def served(settings: Settings, variants: Mapping[str, Variant]) -> AsyncIterator[dict[str, uvicorn.Config]]:
    """Give what each variant is served by, with garbage collected as in a server.

    They share the database, since no two connections are equally fast.
    """
    assert settings.database_url is not None  # noqa: S101 - for the type checker: settings_for() sets it  # nosec B101
    url = database_url(settings.database_url.get_secret_value())
    shared = Database(create_engine(url, pool_size=1, limits=SERVING_LIMITS))
    try:
        made: dict[str, uvicorn.Config] = {}
        for name, variant in variants.items():
            copies = _Copies()
            with (
                variant.in_place(),
                patch.object(graphql_api.app, "Database", lambda _engine: shared),
                patch.object(graphql_api.app, "Beginnings", copies.new_beginnings),
            ):
                app = create_app(settings.model_copy(update={"graphql_executor": variant.executor}))
            made[name] = uvicorn.Config(
                app,
                http=copies.connections(settings, bounded=variant.bounded),
                forwarded_allow_ips=list(settings.forwarded_allow_ips),
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_keep_alive=75,
                # It would have each listen to signals.
                lifespan="off",
            )
        collect_seldom()
        yield made
    finally:
        await shared.close()


class _Copies:
    """A variant's copy of what serves its connections, which the application makes a part of."""

    def __init__(self) -> None:
        with patch.dict(sys.modules):
            for name in _OF_CONNECTIONS:
                sys.modules.pop(name, None)
            self._library, self._writing, self._beginnings, _, self._ours = map(
                importlib.import_module, _OF_CONNECTIONS
            )
        self._state: dict[str, Any] = {}

    def new_beginnings(self, *given: Any) -> Any:
        """Make what the application has connections begin by, and keep it for them, as its lifespan would."""
        made = self._beginnings.Beginnings(*given)
        self._state[self._beginnings.BEGINNINGS] = made
        return made

    def connections(self, settings: Settings, *, bounded: bool) -> Any:
        """Give what uvicorn makes connections by; those with bounds as the program's own command has it."""
        if bounded:
            made_by = self._ours.connections(settings)
        else:
            at_once = _writing_at_once(self._library.HttpToolsProtocol, self._writing.AnswerWriting)
            made_by = _beginning_in_groups(at_once, self._state[self._beginnings.BEGINNINGS])
        return lambda **given: made_by(**{**given, "app_state": self._state})


def _writing_at_once(original: Any, writing: Any) -> Any:
    """Give uvicorn's connections, but for sending a head together with its body, as ours do."""

    class WritingAtOnce(original):  # type: ignore[misc] # a copy, whose class the type checker cannot know
        answers: Any

        def connection_made(self, transport: Any) -> None:
            original.connection_made(self, transport)
            self.answers = writing(transport)

        def on_headers_complete(self) -> None:
            original.on_headers_complete(self)
            self.cycle.transport = self.answers

        def on_response_complete(self) -> None:
            self.answers.end()
            original.on_response_complete(self)

    return WritingAtOnce


def _beginning_in_groups(original: Any, beginnings: Any) -> Any:
    """Give uvicorn's connections, but for telling of a request's arrival and for when it is begun."""

    class BeginningInGroups(original):  # type: ignore[misc] # a copy, whose class the type checker cannot know
        arrival: Arrival
        starts: tuple[Any, Any] | None = None

        def on_message_begin(self) -> None:
            original.on_message_begin(self)
            self.arrival = Arrival(self.loop.time())
            self.scope[ARRIVAL] = self.arrival

        def _start_asgi_task(self, cycle: Any, app: Any) -> None:
            self.starts = (cycle, app)

        def on_message_complete(self) -> None:
            original.on_message_complete(self)
            self.arrival.is_whole = True
            if self.starts is not None:
                starts, self.starts = self.starts, None
                beginnings.begin(self, *starts)

    return BeginningInGroups
