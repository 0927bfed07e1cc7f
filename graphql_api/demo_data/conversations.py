"""Conversations of demo data: who talks when, and what is said."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from db.demo_data import DemoMessage, DemoSession
from graphql_api.demo_data.texts import EXCHANGES, FIRST_NAMES, LAST_NAMES

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Speakers:
    """What the messages of a conversation are made of."""

    company: str
    topic: str


def session(
    rng: random.Random,
    messages_rng: random.Random,
    *,
    user_id: str,
    api_key: int | None,
    chosen_model: str | None,
    messages: int,
    possible: tuple[datetime, datetime],
    speakers: Speakers,
) -> DemoSession:
    """Make a session that lies within two moments; `messages_rng` draws its messages while they are read."""
    earliest, latest = possible
    last_activity_at = latest - min(_idle(rng), (latest - earliest) * 0.9)
    times = _times(rng, messages, earliest, last_activity_at)
    return DemoSession(
        user_id=user_id,
        api_key=api_key,
        chosen_model=chosen_model,
        created_at=times[0] if times else last_activity_at,
        last_activity_at=last_activity_at,
        messages=_messages(messages_rng, times, speakers),
    )


def user_ids(rng: random.Random, count: int) -> Sequence[str]:
    """Make distinct users, all by the same kind of id, as one platform has them."""
    numbers = rng.sample(range(len(FIRST_NAMES) * len(LAST_NAMES) + 4 * count), count)
    match rng.randrange(3):
        case 0:
            return [_user_name(number) for number in numbers]
        case 1:
            return [f"employee-{10_000 + number}" for number in numbers]
        case _:
            return [str(500_000_000 + number * 104_729) for number in numbers]


def _user_name(number: int) -> str:
    repeated, number = divmod(number, len(FIRST_NAMES) * len(LAST_NAMES))
    last, first = divmod(number, len(FIRST_NAMES))
    return f"{FIRST_NAMES[first]}.{LAST_NAMES[last]}{repeated + 1 if repeated else ''}"


def _idle(rng: random.Random) -> timedelta:
    match rng.choices(("now", "today", "earlier"), (2, 3, 5))[0]:
        case "now":
            return timedelta(minutes=rng.uniform(0, 20))
        case "today":
            return timedelta(hours=rng.uniform(0.5, 24))
        case _:
            return timedelta(days=rng.uniform(1, 45))


def _times(rng: random.Random, messages: int, earliest: datetime, last: datetime) -> Sequence[datetime]:
    """Spread messages over visits: within one they follow each other closely, between two lie hours or weeks."""
    if not messages:
        return []
    room = (last - earliest).total_seconds()
    # Seconds before each message but the first: a user has to think, and may also be back much later.
    gaps = [rng.uniform(15, 180) if position % 2 == 0 else rng.uniform(1, 9) for position in range(1, messages)]
    pauses = [position for position in range(1, messages - 1, 2) if rng.random() < 1 / 4]
    spare = room * rng.random() - sum(gaps)
    if pauses and spare > 0:
        shares = [rng.random() for _ in pauses]
        for position, share in zip(pauses, shares, strict=True):
            gaps[position] += spare * share / sum(shares)
    shrink = min(1.0, room / sum(gaps)) if gaps else 1.0
    ages = itertools.accumulate((gap * shrink for gap in reversed(gaps)), initial=0.0)
    return [last - timedelta(seconds=age) for age in ages][::-1]


def _messages(rng: random.Random, times: Sequence[datetime], speakers: Speakers) -> Iterator[DemoMessage]:
    cleared, cleared_at = 0, None
    # Whole pairs are cleared, and something stays.
    if len(times) > 2 and rng.random() < 1 / 4:  # noqa: PLR2004 - see above
        cleared = rng.randrange(2, len(times), 2)
        cleared_at = times[cleared - 1] + (times[cleared] - times[cleared - 1]) / 2
    said = _said(rng, speakers)
    for position, created_at in enumerate(times):
        role = "assistant" if position % 2 else "user"
        yield DemoMessage(role, next(said), created_at, cleared_at if position < cleared else None)


def _said(rng: random.Random, speakers: Speakers) -> Iterator[str]:
    """Give what is said, without end: the topic first, small talk in between, and over again when all was said."""
    while True:
        topic, small_talk = list(EXCHANGES[speakers.topic]), list(EXCHANGES["anything"])
        rng.shuffle(topic)
        rng.shuffle(small_talk)
        for exchange in itertools.chain.from_iterable(itertools.zip_longest(topic, small_talk)):
            if exchange is not None:
                number = rng.randrange(10_000, 100_000)
                yield from (text.format(company=speakers.company, number=number) for text in exchange)
