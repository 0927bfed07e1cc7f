"""Admission: may a session make a request now."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from db.queries.admission import admission_state
from domain import admission as domain
from domain.admission import AdmissionReason
from domain.quota import QuotaPeriods
from domain.text import clean_name
from schema.absent import or_none
from schema.context import Info
from schema.scalars import as_int
from schema.sessions.session import Session
from schema.user_input import BadUserInput

MODEL = "The model that the request is for; the session's current model where left out."


@strawberry.type(description="A limit in force: a quota or the rate limit.")
class AdmissionLimit:
    """A limit in force."""

    kind: AdmissionReason = strawberry.field(description="Which limit: DAILY_QUOTA, MONTHLY_QUOTA or RATE_LIMIT.")
    limit: int = strawberry.field(description="How many requests it allows.")
    used: int = strawberry.field(description="How many were used of it.")
    remaining: int = strawberry.field(description="How many are left.")
    resets_at: datetime = strawberry.field(
        description="When there is more again: the end of the day or the month, or the moment at which the oldest "
        "request leaves the last minute."
    )


@strawberry.type(description="Whether a session may make a request now, and if not, everything that speaks against it.")
class Admission:
    """Whether a session may make a request now."""

    allowed: bool = strawberry.field(description="Whether the request is admitted; true where there are no reasons.")
    reasons: list[AdmissionReason] = strawberry.field(description="Everything that speaks against it.")
    binding_limit: AdmissionLimit = strawberry.field(
        description="Of the limits in force the one with the least remaining; of several alike, the one that resets "
        "last. There is always one, since every configuration has a rate limit."
    )

    @classmethod
    def from_domain(cls, verdict: domain.Admission) -> Self:
        """Build the type from the domain's verdict."""
        binding = verdict.binding
        return cls(
            allowed=verdict.allowed,
            reasons=list(verdict.reasons),
            binding_limit=AdmissionLimit(
                kind=binding.reason,
                limit=binding.limit,
                used=as_int(binding.used),
                remaining=binding.remaining,
                resets_at=binding.resets_at,
            ),
        )


def named_model(given: str | None) -> str | None:
    """Give the model that a request is for, as names of models are stored; None for the one in use."""
    model = or_none(given)
    return None if model is None else clean_name(model)


async def admission(
    info: Info,
    session_id: Annotated[strawberry.ID, strawberry.argument(description="The session, by its global id.")],
    model: Annotated[str | None, strawberry.argument(description=MODEL)] = strawberry.UNSET,
) -> Admission:
    """Judge a request without making it."""
    context = info.context
    row_id = Session.row_id_of(session_id)
    state = None
    if row_id is not None:
        state = await admission_state(context.database, context.viewer, row_id, QuotaPeriods.at(context.now))
    if state is None:
        raise BadUserInput("`sessionId` names no session.")
    return Admission.from_domain(state.circumstances(context.rules.defaults, named_model(model)).verdict())
