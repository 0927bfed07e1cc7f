"""What resolvers share within one operation."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import strawberry

from db.database import Database
from db.text_budget import TextBudget
from db.transaction import Transaction
from domain.config.defaults import PlatformDefaults
from domain.config.merge import EffectiveConfig, merge
from domain.config.overrides import ConfigOverrides
from domain.platform import PlatformType
from domain.viewer import Viewer
from schema.loaders import Loaders

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """What the process was configured with.

    `admin_users` holds, by platform name in lower case, the user ids that administer that platform. A session that was
    idle for longer than `session_timeout` is not active.
    """

    defaults: Mapping[PlatformType, PlatformDefaults]
    admin_users: Mapping[str, frozenset[str]]
    session_timeout: timedelta


@dataclass(slots=True)
class Context:
    """Made afresh for each operation, so that nothing loaded in one is seen by the next.

    It carries the database and never a session of it, see db.database. `new_text_budget` makes what bounds the text of
    the messages that are read. `now` is the one present of the operation, and a session whose last activity is before
    `idle_before` is not active. `step_aside` lets others begin, before an operation waits for long.
    """

    database: Database
    rules: PlatformRules
    viewer: Viewer
    new_text_budget: Callable[[], TextBudget]
    step_aside: Callable[[], None] = lambda: None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    idle_before: datetime = field(init=False)
    _loaders: Loaders | None = field(default=None, init=False)
    _text: TextBudget | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.idle_before = self.now - self.rules.session_timeout

    @property
    def loaders(self) -> Loaders:
        """Give the loaders, which are made when they are first asked for: most changes are answered without."""
        if self._loaders is None:
            # It is one for all that the operation reads, also after a change.
            self._text = self._text or self.new_text_budget()
            self._loaders = Loaders(self.database, self.viewer, self._text)
        return self._loaders

    @property
    def longest_text(self) -> int:
        """Give what no text of messages that was read has more bytes than; 0 where none was."""
        return 0 if self._text is None else self._text.longest

    async def change(self, command: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Carry out the one command of a mutation. What was loaded before it is forgotten with its end.

        Raises:
            DatabaseUnavailable: see Database.change().
        """
        try:
            return await self.database.change(command)
        finally:
            self._loaders = None

    def effective_config(self, platform_type: PlatformType, overrides: ConfigOverrides) -> EffectiveConfig:
        """Merge overrides over today's defaults of the platform type."""
        return merge(self.rules.defaults[platform_type], overrides)


Info = strawberry.Info[Context, None]
