"""Admitting a request."""

from typing import Annotated

import strawberry

from db.commands import admit_request as command
from domain.quota import QuotaPeriods
from schema.context import Info
from schema.errors import SessionNotFound
from schema.sessions.serving import named_session, serve
from schema.usage.admission import MODEL, Admission, named_model


@strawberry.input(description="A request that a session is about to make.")
class AdmitRequestInput:
    """A request that a session is about to make."""

    session_id: strawberry.ID = strawberry.field(description="The session, by its global id.")
    model: str | None = strawberry.field(default=strawberry.UNSET, description=MODEL)


@strawberry.type(description="The request was judged. Look at `admission { allowed }` for the verdict.")
class AdmitRequestSuccess:
    """The request was judged."""

    admission: Admission = strawberry.field(
        description="The verdict. Where it is allowed, one was taken from the session's rate limit, and "
        "`bindingLimit` counts it; else nothing was taken."
    )


AdmitRequestResult = Annotated[
    AdmitRequestSuccess | SessionNotFound,
    strawberry.union("AdmitRequestResult", description="What came of asking to make a request."),
]


async def admit_request(
    info: Info,
    wanted: Annotated[AdmitRequestInput, strawberry.argument(name="input", description="The request.")],
) -> AdmitRequestResult:
    """Judge a request and take one from the rate limit."""
    context = info.context
    row_id = named_session(wanted.session_id)
    verdict = await serve(
        context,
        lambda transaction: command.admit_request(
            transaction,
            context.viewer,
            row_id,
            named_model(wanted.model),
            periods=QuotaPeriods.at(context.now),
            defaults=context.rules.defaults,
        ),
    )
    return AdmitRequestSuccess(admission=Admission.from_domain(verdict))
