"""A world for trying things out: teams with keys, conversations and usage, all invented.

Everything but the secrets of keys follows from the seed, and every team from the seed and its own number: a team can be
left out, or made again, without a change to any other. Times lie before the moment that is given as now.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from db.commands.create_team import FIRST_KEY_NAME
from db.demo_data import DemoApiKey, DemoSession, DemoTeam, DemoUsage, DemoVisitor
from domain.api_key import new_api_key
from domain.config.merge import EffectiveConfig, merge
from domain.config.overrides import NO_OVERRIDES
from domain.config.setting_types import BooleanType, IntegerType, NameListType
from domain.config.settings_table import ALLOW_MODEL_SWITCH, DEFAULT_MODEL, SETTINGS, Setting
from domain.platform import PlatformType
from domain.team import NewTeam, new_team
from graphql_api.demo_data.conversations import Speakers, session, user_ids
from graphql_api.demo_data.names import TeamName, TeamNames
from graphql_api.demo_data.texts import KEY_NAMES
from graphql_api.demo_data.usage import PERIOD, Source, sources, usage_logs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from domain.config.defaults import PlatformDefaults


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How much each team has, on average."""

    sessions_per_team: int
    messages_per_session: int
    usage_per_team: int


@dataclass(frozen=True, slots=True)
class _Times:
    """When a team was created, and when it was last used; None where it has not begun."""

    created_at: datetime
    last_used_at: datetime | None


class DemoWorld:
    """The teams of a seed, by number. There is no last one."""

    def __init__(
        self, seed: int, size: DemoSize, defaults: Mapping[PlatformType, PlatformDefaults], now: datetime
    ) -> None:
        self._seed = seed
        self._size = size
        self._defaults = defaults
        self._now = now
        self._names = {kind: TeamNames(self._random("names", kind), kind) for kind in PlatformType}

    def team(self, number: int) -> DemoTeam:
        """Make the team of a number, counted from 0. Its messages and usage are made as they are read."""
        rng = self._random(number)
        # By turns rather than by chance, so that a small world has some of each too.
        public = _is_turn(number, of=5, at=3)
        is_active = not _is_turn(number, of=13, at=7)
        has_begun = not _is_turn(number, of=12, at=11)
        has_overrides = _is_turn(number, of=3, at=1)
        # Names are taken in order within each type: this many public teams come before this one.
        public_before = (number + 1) // 5
        platform_type = PlatformType.PUBLIC if public else PlatformType.PRIVATE
        defaults = self._defaults[platform_type]
        name = self._names[platform_type][public_before if public else number - public_before]
        new = _new_team(rng, name, defaults, _overrides(rng, defaults) if has_overrides else {})
        config = merge(defaults, new.overrides)
        times = self._times(rng, is_active=is_active, has_begun=has_begun)
        keys = tuple(self._api_keys(rng, times))
        sessions = tuple(self._sessions(number, keys, config, Speakers(name.company, name.topic)))
        return DemoTeam(
            new=new,
            is_active=is_active,
            created_at=times.created_at,
            api_keys=keys,
            sessions=sessions,
            usage=self._usage(number, keys, sessions, config.model),
            visitor=self._visitor(number) if self._size.sessions_per_team else None,
        )

    def _random(self, *what: object) -> random.Random:
        return random.Random("/".join(map(str, (self._seed, *what))))  # noqa: S311 - repeatable on purpose  # nosec B311

    def _times(self, rng: random.Random, *, is_active: bool, has_begun: bool) -> _Times:
        if not has_begun:
            return _Times(self._ago(rng.uniform(0.05, 2)), None)
        created_at = self._ago(rng.uniform(45, 500))
        if not is_active:
            return _Times(created_at, self._ago(rng.uniform(3, 40)))
        in_use_now = rng.random() < 4 / 5
        return _Times(created_at, self._ago(rng.uniform(0, 0.002) if in_use_now else rng.uniform(0.1, 3)))

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)

    def _api_keys(self, rng: random.Random, times: _Times) -> Iterator[DemoApiKey]:
        yield _api_key(FIRST_KEY_NAME, times.created_at, times.last_used_at)
        for name, description in rng.sample(KEY_NAMES, rng.choice((0, 0, 1, 1, 2))):
            created_at = _between(rng, times.created_at, times.last_used_at or self._now)
            used_at = None if times.last_used_at is None else _between(rng, created_at, times.last_used_at)
            match rng.choice(("works", "unused", "expires", "expired", "revoked")):
                case "expires":
                    later = self._now + timedelta(days=rng.choice((14, 30, 90, 365)))
                    yield _api_key(name, created_at, used_at, description, expires_at=later, monthly_quota=1_000)
                case "expired" if used_at is not None:
                    ended = _between(rng, used_at, self._now)
                    yield _api_key(name, created_at, used_at, description, expires_at=ended)
                case "revoked":
                    yield _api_key(name, created_at, used_at, description, is_active=False)
                case "unused":
                    yield _api_key(name, created_at, None, description)
                case _:
                    yield _api_key(name, created_at, used_at, description)

    def _sessions(
        self, number: int, keys: Sequence[DemoApiKey], config: EffectiveConfig, speakers: Speakers
    ) -> Iterator[DemoSession]:
        rng = self._random(number, "sessions")
        used = _used(keys)
        users = user_ids(rng, _about(rng, self._size.sessions_per_team)) if used else ()
        for user_id in users:
            # The first key carries most of the traffic.
            position, possible = rng.choice((used[0], *used))
            switches = config[ALLOW_MODEL_SWITCH] and rng.random() < 1 / 5
            yield session(
                rng,
                self._random(number, "messages", user_id),
                user_id=user_id,
                api_key=position,
                chosen_model=rng.choice(config.available_models) if switches else None,
                messages=_about(rng, self._size.messages_per_session),
                possible=possible,
                speakers=speakers,
            )

    def _visitor(self, number: int) -> DemoVisitor:
        rng = self._random(number, "visitor")
        visit = session(
            rng,
            self._random(number, "messages of the visitor"),
            user_id=str(rng.randrange(100_000_000, 8_000_000_000)),
            api_key=None,
            chosen_model=None,
            messages=_about(rng, self._size.messages_per_session),
            possible=(self._ago(120), self._now),
            speakers=Speakers("Our archive", "knowledge"),
        )
        return DemoVisitor("telegram", visit)

    def _usage(
        self, number: int, keys: Sequence[DemoApiKey], sessions: Sequence[DemoSession], model: str
    ) -> Iterator[DemoUsage]:
        rng = self._random(number, "usage")
        since = self._now - PERIOD
        users = sources(sessions, model, since)
        if not users:
            # Whoever wants usage without sessions gets it as well.
            users = [
                Source(position, f"user-{position + 1}", model, max(begin, since), end)
                for position, (begin, end) in _used(keys)
                if end > since
            ]
        return usage_logs(rng, _about(rng, self._size.usage_per_team), users)


def _is_turn(number: int, *, of: int, at: int) -> bool:
    return number % of == at


def _new_team(
    rng: random.Random, name: TeamName, defaults: PlatformDefaults, overrides: dict[Setting[Any], Any]
) -> NewTeam:
    monthly = rng.choice((None, None, None, 1_000, 5_000, 10_000, 50_000, 100_000))
    daily = rng.choice((None, None, 500)) if monthly is None else rng.choice((None, monthly // 20, monthly // 10))
    return new_team(
        display_name=name.display_name,
        platform_name=name.platform_name,
        defaults=defaults,
        monthly_quota=monthly,
        daily_quota=daily,
        overrides=overrides,
    )


def _overrides(rng: random.Random, defaults: PlatformDefaults) -> dict[Setting[Any], Any]:
    """Override some settings, each by what fits its type. A few repeat the default, as happens in real life too."""
    overrides: dict[Setting[Any], Any] = {}
    for setting in rng.sample(SETTINGS, rng.choice((1, 1, 2, 2, 3, len(SETTINGS)))):
        default = defaults[setting]
        match setting.type:
            case IntegerType(minimum, maximum):
                factor = rng.choice((0.5, 0.5, 1, 1.5, 2, 2, 3, 5))
                overrides[setting] = min(max(round(default * factor), minimum), maximum)
            case BooleanType():
                overrides[setting] = not default
            case NameListType():
                overrides[setting] = tuple(rng.sample(default, min(len(default), rng.randint(2, 4))))
    if not overrides or rng.random() < 1 / 2:
        available = merge(defaults, NO_OVERRIDES.changed(overrides)).available_models
        overrides[DEFAULT_MODEL] = rng.choice(available)
    return overrides


def _api_key(
    name: str,
    created_at: datetime,
    last_used_at: datetime | None,
    description: str | None = None,
    *,
    monthly_quota: int | None = None,
    is_active: bool = True,
    expires_at: datetime | None = None,
) -> DemoApiKey:
    return DemoApiKey(new_api_key(), name, description, monthly_quota, is_active, created_at, last_used_at, expires_at)


def _used(keys: Sequence[DemoApiKey]) -> Sequence[tuple[int, tuple[datetime, datetime]]]:
    """Give the keys that were used: the position of each, and from when to when."""
    return [(position, (key.created_at, key.last_used_at)) for position, key in enumerate(keys) if key.last_used_at]


def _between(rng: random.Random, begin: datetime, end: datetime) -> datetime:
    return begin + (end - begin) * rng.random()


def _about(rng: random.Random, average: int) -> int:
    """Draw a count from none to twice the average, mostly near it."""
    return round(average * 2 * rng.betavariate(2, 2))
