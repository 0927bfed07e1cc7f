"""Two servers that differ in their executor alone, and what each answers."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Self

import pytest

from domain import api_key
from graphql_api import key_use
from schema import context
from tests.running_api import RunningApi, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.api.execution.real_documents import Sent


SERVICE_UNAVAILABLE = 503


@dataclass
class Compared:
    """The two servers, the moment at which they were started, and the random numbers that both are given."""

    library: RunningApi
    compiled: RunningApi
    began: datetime
    random: list[Random]

    def ask(self, sent: Sent, key: str) -> tuple[httpx.Response, httpx.Response]:
        """Send an operation to each, with the same source of chance for new secrets."""
        answers = []
        for server in (self.library, self.compiled):
            self.random[:] = [Random(repr(sent))]  # noqa: S311 - repeatable on purpose
            answer = server.by(key).post(sent.document, sent.variables, **{"X-Request-ID": "compared"})
            # The one connection is for seconds not there when what it did was stopped in the middle.
            while answer.status_code == SERVICE_UNAVAILABLE and sent.document.startswith("query"):
                answer = server.by(key).post(sent.document, sent.variables, **{"X-Request-ID": "compared"})
            answers.append(answer)
        return answers[0], answers[1]


@contextmanager
def compared(library_database: str, compiled_database: str) -> Iterator[Compared]:
    """Serve both, by a clock that stands still."""
    now = datetime.now(UTC)
    random: list[Random] = [Random(0)]  # noqa: S311 - repeatable on purpose

    class StandingClock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Self:  # noqa: ARG003 - all ask for UTC
            return now  # type: ignore[return-value] # a plain moment, as everywhere else

    def token(length: int) -> str:
        return api_key_token(random[0], length)

    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(context, "datetime", StandingClock)
        patch.setattr(api_key, "secrets", SimpleNamespace(token_urlsafe=token))
        # The uses of keys are written beside the requests, at any time.
        patch.setattr(key_use, "LAST_USE_RESOLUTION", timedelta(days=365))
        # With one connection, statements are one after the other: where several fields fail, the same one comes first.
        library, compiled = (
            stack.enter_context(running_api(database, graphql_executor=executor, database_pool_size=1))
            for database, executor in ((library_database, "library"), (compiled_database, "compiled"))
        )
        yield Compared(library, compiled, now, random)


def api_key_token(random: Random, length: int) -> str:
    """Give what stands for a token: 43 characters for 32 bytes."""
    return "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=-(-length * 4 // 3)))
