"""Switching the model of a session."""

from typing import Annotated

import strawberry

from db.commands import switch_session_model as command
from domain.text import clean_name
from schema.context import Info
from schema.errors import ModelNotAvailable, ModelSwitchNotAllowed, SessionNotFound
from schema.sessions.serving import named_session, serve
from schema.sessions.session import Session


@strawberry.input(description="The model that a session is to use from now on.")
class SwitchSessionModelInput:
    """The model that a session is to use from now on."""

    session_id: strawberry.ID = strawberry.field(description="The session, by its global id.")
    model: str = strawberry.field(description="One of the session's effectiveConfig.availableModels.")


@strawberry.type(
    description="The session uses the model. Should a later configuration take the model away, the session falls back "
    "to the configuration's, and returns to this one when it is available again."
)
class SwitchSessionModelSuccess:
    """The session uses the model."""

    session: Session = strawberry.field(description="The session as it is now.")


SwitchSessionModelResult = Annotated[
    SwitchSessionModelSuccess | SessionNotFound | ModelSwitchNotAllowed | ModelNotAvailable,
    strawberry.union("SwitchSessionModelResult", description="What came of switching the model."),
]


async def switch_session_model(
    info: Info,
    wanted: Annotated[SwitchSessionModelInput, strawberry.argument(name="input", description="The switch.")],
) -> SwitchSessionModelResult:
    """Switch the model."""
    context = info.context
    row_id = named_session(wanted.session_id)
    model = clean_name(wanted.model)
    row = await serve(
        context,
        lambda transaction: command.switch_session_model(
            transaction, context.viewer, row_id, model, defaults=context.rules.defaults
        ),
    )
    return SwitchSessionModelSuccess(session=Session.from_row(row))
