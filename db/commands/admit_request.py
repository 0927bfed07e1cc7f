"""Admitting a request: judging it, and taking one from the rate limit of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.commands.serving import require_ownership
from db.errors import ConstraintViolated
from db.models import AdmissionWindow
from db.models.base import AWARE
from db.queries.admission import admission_state
from db.statement import statement
from domain.errors import SessionNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ClauseElement

    from db.transaction import Transaction
    from domain.admission import Admission
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType
    from domain.quota import QuotaPeriods
    from domain.viewer import Viewer


async def admit_request(
    transaction: Transaction,
    viewer: Viewer,
    session_id: int,
    model: str | None,
    *,
    periods: QuotaPeriods,
    defaults: Mapping[PlatformType, PlatformDefaults],
) -> Admission:
    """Judge a request of a session; if nothing speaks against it, take one from the rate limit.

    The moments of earlier requests are held while it is judged, so that of any number of requests at once no more are
    admitted than the limit, by however many processes.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see db.commands.serving.find_session().
    """
    state = await admission_state(transaction, viewer, session_id, periods)
    if state is None:
        raise SessionNotFound
    await require_ownership(transaction, viewer, state.session)
    verdict = state.circumstances(defaults, model).verdict()
    if not verdict.allowed:
        return verdict
    admitted, moment = await _hold_window(transaction, session_id)
    admission, window = state._replace(admitted=admitted, moment=moment).circumstances(defaults, model).admit()
    if admission.allowed:
        await transaction.rows(
            statement("window with one more", _update), of_session=session_id, admitted=list(window.admitted)
        )
    return admission


async def _hold_window(transaction: Transaction, session_id: int) -> tuple[list[datetime], datetime]:
    """Read the moments of earlier requests and the present, holding them until the transaction ends."""
    window = statement("window that is held", _held)
    if (held := await transaction.row(window, of_session=session_id)) is not None:
        return held[0], held[1]
    try:
        await transaction.rows(statement("new window", _insert), of_session=session_id)
    except ConstraintViolated as error:
        if error.name == "admission_windows_session_id_fkey":
            raise SessionNotFound from error
        raise
    if (held := await transaction.row(window, of_session=session_id)) is None:
        # Somebody else had made the row, and it went with its session just now.
        raise SessionNotFound
    return held[0], held[1]


_SESSION = bindparam("of_session", type_=AdmissionWindow.session_id.type)


def _held() -> ClauseElement:
    held = (
        select(AdmissionWindow.admitted_at)
        .where(AdmissionWindow.session_id == _SESSION)
        .with_for_update()
        .subquery("held")
    )
    # Around the query that locks, so that the present is when the lock was got and not when it was asked for.
    return select(held.c.admitted_at, func.clock_timestamp())


def _insert() -> ClauseElement:
    return insert(AdmissionWindow).values(session_id=_SESSION, admitted_at=[]).on_conflict_do_nothing()


def _update() -> ClauseElement:
    return (
        update(AdmissionWindow)
        .where(AdmissionWindow.session_id == _SESSION)
        .values(admitted_at=bindparam("admitted", type_=ARRAY(AWARE)))
    )
