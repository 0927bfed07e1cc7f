"""Switching the model of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from db.commands.serving import hold_session
from db.models import ChatSession
from db.queries.teams import layer_of
from db.statement import statement
from domain.config.platform_config import platform_config
from domain.config.settings_table import ALLOW_MODEL_SWITCH
from domain.errors import ModelNotAvailable, ModelSwitchNotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ClauseElement

    from db.rows import SessionRow
    from db.transaction import Transaction
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType
    from domain.viewer import Viewer


async def switch_session_model(
    transaction: Transaction,
    viewer: Viewer,
    session_id: int,
    model: str,
    *,
    defaults: Mapping[PlatformType, PlatformDefaults],
) -> SessionRow:
    """Make a model the session's choice, judged by today's configuration. Nobody is exempt, administrators included.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
        ModelSwitchNotAllowed: the configuration lets nobody switch.
        ModelNotAvailable: the model is not one of the available models.
    """
    row, team = await hold_session(transaction, viewer, session_id)
    config = platform_config(defaults, layer_of(team), row.platform)
    if not config[ALLOW_MODEL_SWITCH]:
        raise ModelSwitchNotAllowed
    if model not in config.available_models:
        raise ModelNotAvailable(model=model, available_models=config.available_models)
    await transaction.rows(statement("model that is chosen", _update), of_session=row.id, model=model)
    return row._replace(chosen_model=model)


def _update() -> ClauseElement:
    return (
        update(ChatSession)
        .where(ChatSession.id == bindparam("of_session", type_=ChatSession.id.type))
        .values(chosen_model=bindparam("model", type_=ChatSession.chosen_model.type))
    )
