"""Summaries of usage."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from db.queries.usage import Sums, TeamUsage
from domain.usage_period import DAYS_DEFAULT, DAYS_MAXIMUM, UsagePeriod, midnight, usage_period
from schema.absent import or_none
from schema.scalars import BigInt, as_big_int, as_int
from schema.user_input import BadUserInput

From = Annotated[
    datetime | None,
    strawberry.argument(
        name="from",
        description="The first moment; the whole UTC day that holds it counts. "
        f"{DAYS_DEFAULT} days before `to` where left out.",
    ),
]
To = Annotated[
    datetime | None,
    strawberry.argument(
        name="to",
        description="The moment before which it ends; the whole UTC day that holds the last moment counts. The end of "
        f"today where left out. At most {DAYS_MAXIMUM} days after `from`.",
    ),
]


@strawberry.type(description="The usage of a model.")
class ModelUsage:
    """The usage of a model."""

    model: str = strawberry.field(description="The model as it was recorded; empty where the record names none.")
    requests: int = strawberry.field(description="All requests, failed ones included.")
    tokens: BigInt = strawberry.field(description="Tokens used, as far as recorded.")
    estimated_cost: float = strawberry.field(description="What it cost, as far as recorded.")


@strawberry.type(description="The usage of a day.")
class DailyUsage:
    """The usage of a day."""

    day: datetime = strawberry.field(description="The midnight (UTC) at which the day begins.")
    requests: int = strawberry.field(description="All requests, failed ones included.")
    successes: int = strawberry.field(description="The requests that succeeded.")
    tokens: BigInt = strawberry.field(description="Tokens used, as far as recorded.")
    estimated_cost: float = strawberry.field(description="What it cost, as far as recorded.")


@strawberry.type(description="Usage over a period of whole UTC days, exact to the last request recorded.")
class UsageSummary:
    """Usage over a period."""

    from_: datetime = strawberry.field(name="from", description="The midnight at which the first day begins.")
    to: datetime = strawberry.field(description="The midnight at which the last day ends.")
    requests: int = strawberry.field(description="All requests, failed ones included.")
    successes: int = strawberry.field(description="The requests that succeeded: those that count against quotas.")
    failures: int = strawberry.field(description="The requests that failed.")
    tokens: BigInt = strawberry.field(description="Tokens used, as far as recorded.")
    estimated_cost: float = strawberry.field(description="What it cost, as far as recorded.")
    average_response_ms: float | None = strawberry.field(
        description="The mean response time in milliseconds over all records that name one; null where none does."
    )
    by_model: list[ModelUsage] = strawberry.field(description="For each model that was used, the most requests first.")
    by_day: list[DailyUsage] = strawberry.field(
        description="For every day of the period, in order, days without usage included."
    )

    @classmethod
    def from_domain(cls, usage: TeamUsage, period: UsagePeriod) -> Self:
        """Build the type from what the totals add up to."""
        total = usage.total
        return cls(
            from_=midnight(period.first),
            to=midnight(period.end),
            requests=as_int(total.requests),
            successes=as_int(total.successes),
            failures=as_int(total.requests - total.successes),
            tokens=as_big_int(total.tokens),
            estimated_cost=total.estimated_cost,
            average_response_ms=total.response_ms / total.responses if total.responses else None,
            by_model=[
                ModelUsage(
                    model=model,
                    requests=as_int(sums.requests),
                    tokens=as_big_int(sums.tokens),
                    estimated_cost=sums.estimated_cost,
                )
                for model, sums in sorted(usage.by_model.items(), key=lambda item: (-item[1].requests, item[0]))
            ],
            by_day=[
                DailyUsage(
                    day=midnight(day),
                    requests=as_int(sums.requests),
                    successes=as_int(sums.successes),
                    tokens=as_big_int(sums.tokens),
                    estimated_cost=sums.estimated_cost,
                )
                for day in period.days
                for sums in (usage.by_day.get(day, Sums()),)
            ],
        )


def requested_period(begin: datetime | None, end: datetime | None, now: datetime) -> UsagePeriod:
    """Read the arguments of a summary.

    Raises:
        BadUserInput: they name no period that can be summed up.
    """
    try:
        return usage_period(or_none(begin), or_none(end), now)
    except ValueError as error:
        raise BadUserInput(str(error)) from None
