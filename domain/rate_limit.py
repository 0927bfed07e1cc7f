"""The rate limit of a session: at most so many requests within any minute.

It is a sliding window that remembers each moment: within no minute, wherever it begins, are more requests admitted than
the limit. See docs/decisions for why it is neither a token bucket nor a counter by the clock's minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RateWindow:
    """The moments within the minute before `now` at which requests were admitted, the oldest first."""

    limit: int
    admitted: tuple[datetime, ...]
    now: datetime

    @classmethod
    def at(cls, now: datetime, admitted: Iterable[datetime], *, limit: int) -> RateWindow:
        """Give the window of a moment; of what was admitted only the last minute counts.

        Moments that lie ahead count too, since clocks are set back a little now and then; not those more than a minute
        ahead, since a clock that was very wrong once must not lock anybody out.
        """
        counts = (moment for moment in admitted if now - WINDOW < moment <= now + WINDOW)
        return cls(limit, tuple(sorted(counts)), now)

    @property
    def used(self) -> int:
        """How many requests were admitted within the last minute."""
        return len(self.admitted)

    @property
    def remaining(self) -> int:
        """How many more may be admitted now. A limit that was lowered since may leave less than none, which is none."""
        return max(self.limit - self.used, 0)

    @property
    def resets_at(self) -> datetime:
        """When the next place becomes free; now where none is taken."""
        if not self.admitted:
            return self.now
        return self.admitted[max(self.used - self.limit, 0)] + WINDOW

    def with_one_more(self) -> RateWindow:
        """Give the window after another request.

        Raises:
            ValueError: nothing remains.
        """
        if not self.remaining:
            raise ValueError("the rate limit is exhausted")
        return RateWindow(self.limit, tuple(sorted((*self.admitted, self.now))), self.now)
