"""Summaries of usage."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from db.queries.usage import MODELS_MAXIMUM, Sums, TeamUsage
from domain.usage_period import DAYS_DEFAULT, DAYS_MAXIMUM, UsagePeriod, midnight, usage_period
from schema.absent import or_none
from schema.context import Info
from schema.cost_directives import ListSize, cost
from schema.loaders import OfParent
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

    team_id: strawberry.Private[int]
    period: strawberry.Private[UsagePeriod]
    sums_by_day: strawberry.Private[Mapping[date, Sums]]
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

    @strawberry.field(
        description=f"The {MODELS_MAXIMUM} models with the most requests, the most first; what the others used is in "
        "the sums above all the same.",
        directives=[cost(10), ListSize(assumed_size=MODELS_MAXIMUM)],
    )
    async def by_model(self, info: Info) -> list[ModelUsage]:
        """Load the sums of the models."""
        # A statement of its own, for those who ask: there may be any number of models to choose from.
        models = await info.context.loaders.usage_of_models_by_team.load(OfParent(self.team_id, self.period))
        return [
            ModelUsage(
                model=model,
                requests=as_int(sums.requests),
                tokens=as_big_int(sums.tokens),
                estimated_cost=sums.estimated_cost,
            )
            for model, sums in models.items()
        ]

    @strawberry.field(
        description="For every day of the period, in order, days without usage included.",
        directives=[ListSize(assumed_size=DAYS_MAXIMUM)],
    )
    def by_day(self) -> list[DailyUsage]:
        """Show the sums of the days."""
        return [
            DailyUsage(
                day=midnight(day),
                requests=as_int(sums.requests),
                successes=as_int(sums.successes),
                tokens=as_big_int(sums.tokens),
                estimated_cost=sums.estimated_cost,
            )
            for day in self.period.days
            for sums in (self.sums_by_day.get(day, Sums()),)
        ]

    @classmethod
    def from_domain(cls, usage: TeamUsage, team_id: int, period: UsagePeriod) -> Self:
        """Build the type from what the totals add up to."""
        total = usage.total
        return cls(
            team_id=team_id,
            period=period,
            sums_by_day=usage.by_day,
            from_=midnight(period.first),
            to=midnight(period.end),
            requests=as_int(total.requests),
            successes=as_int(total.successes),
            failures=as_int(total.requests - total.successes),
            tokens=as_big_int(total.tokens),
            estimated_cost=total.estimated_cost,
            average_response_ms=total.response_ms / total.responses if total.responses else None,
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
