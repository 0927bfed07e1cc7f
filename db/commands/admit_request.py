"""Admitting a request: judging it, and taking one from the rate limit of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from db.commands.serving import require_ownership
from db.errors import constraint_name
from db.models import AdmissionWindow
from db.queries.admission import admission_state
from domain.errors import SessionNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from db.database import WriteSession
    from domain.admission import Admission
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType
    from domain.quota import QuotaPeriods
    from domain.viewer import Viewer


async def admit_request(
    session: WriteSession,
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
    state = await admission_state(session, viewer, session_id, periods)
    if state is None:
        raise SessionNotFound
    await require_ownership(session, viewer, state.session)
    verdict = state.circumstances(defaults, model).verdict()
    if not verdict.allowed:
        return verdict
    admitted, moment = await _hold_window(session, session_id)
    admission, window = state._replace(admitted=admitted, moment=moment).circumstances(defaults, model).admit()
    if admission.allowed:
        await session.execute(
            update(AdmissionWindow)
            .where(AdmissionWindow.session_id == session_id)
            .values(admitted_at=list(window.admitted))
            .execution_options(synchronize_session=False)
        )
    return admission


async def _hold_window(session: WriteSession, session_id: int) -> tuple[list[datetime], datetime]:
    """Read the moments of earlier requests and the present, holding them until the transaction ends."""
    held_row = (
        select(AdmissionWindow.admitted_at)
        .where(AdmissionWindow.session_id == session_id)
        .with_for_update()
        .subquery("held")
    )
    # Around the query that locks, so that the present is when the lock was got and not when it was asked for.
    statement = select(held_row.c.admitted_at, func.clock_timestamp())
    if (held := (await session.execute(statement)).one_or_none()) is not None:
        return held[0], held[1]
    try:
        await session.execute(
            insert(AdmissionWindow).values(session_id=session_id, admitted_at=[]).on_conflict_do_nothing()
        )
    except IntegrityError as error:
        if constraint_name(error) == "admission_windows_session_id_fkey":
            raise SessionNotFound from error
        raise
    if (held := (await session.execute(statement)).one_or_none()) is None:
        # Somebody else had made the row, and it went with its session just now.
        raise SessionNotFound
    return held[0], held[1]
