"""Usage of demo data: what the requests of a team's users to its models cost."""

from __future__ import annotations

import functools
import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from db.demo_data import DemoUsage
from graphql_api.demo_data.texts import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.demo_data import DemoSession

PERIOD = timedelta(days=60)


class Source(NamedTuple):
    """A user who makes requests by a key, between two moments."""

    api_key: int
    user_id: str
    model: str
    begin: datetime
    end: datetime


def sources(sessions: Sequence[DemoSession], model: str, since: datetime) -> Sequence[Source]:
    """Give the users of sessions that were in use since a moment."""
    return [
        Source(
            session.api_key,
            session.user_id,
            session.chosen_model or model,
            max(session.created_at, since),
            session.last_activity_at,
        )
        for session in sessions
        if session.api_key is not None and session.last_activity_at > since
    ]


def usage_logs(rng: random.Random, count: int, users: Sequence[Source]) -> Iterator[DemoUsage]:
    """Make usage logs of users, the oldest first."""
    if not users:
        return
    chosen = rng.choices(users, k=count)
    moments = [user.begin + (user.end - user.begin) * rng.random() for user in chosen]
    for moment, user in sorted(zip(moments, chosen, strict=True)):
        requests = rng.choice((1, 1, 1, 1, 1, 1, 1, 2, 3, 6))
        failed = rng.random() < 1 / 25
        tokens = None if failed else requests * int(rng.lognormvariate(6.7, 0.7))
        yield DemoUsage(
            user_id=user.user_id,
            api_key=user.api_key,
            model=user.model,
            request_count=requests,
            tokens=tokens,
            cost=None if tokens is None else round(tokens * _price(user.model), 6),
            response_time_ms=rng.randrange(80, 30_000) if failed else int(rng.lognormvariate(7.3, 0.5)),
            error_message=rng.choice(FAILURES) if failed else None,
            timestamp=moment,
        )


@functools.cache
def _price(model: str) -> float:
    """Give the price of a token: made up, but always the same for a model, whatever models are configured."""
    return random.Random(model).uniform(0.2, 8) / 1_000_000  # noqa: S311 - repeatable on purpose  # nosec B311
