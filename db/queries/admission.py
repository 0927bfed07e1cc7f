"""All that an admission is judged by, in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, func, select, true
from sqlalchemy.orm import aliased

from db.models import AdmissionWindow, ApiKey, ChatSession, Team, UsageTotal
from db.queries.api_keys import works
from db.queries.teams import layer_of
from db.queries.usage import in_month, period_parameters, within
from db.rows import SESSION_COLUMNS, TEAM_COLUMNS, SessionRow, TeamRow
from db.statement import statement
from db.visibility import scope, scope_parameters, visible_sessions
from domain.admission import Circumstances
from domain.config.platform_config import platform_config
from domain.config.settings_table import RATE_LIMIT
from domain.quota import QuotaLimits, QuotaPeriods, QuotaStatus, Used, quota_status, quota_status_of_key
from domain.rate_limit import RateWindow
from domain.viewer import TeamKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ClauseElement

    from db.database import Database
    from db.transaction import Transaction
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType
    from domain.viewer import Viewer


class AdmissionState(NamedTuple):
    """A session as far as an admission depends on it. `team` is None where the session has none.

    `key_works` is true where no key is concerned. `admitted` are the moments of earlier requests, and `moment` is the
    present, by the database's clock.
    """

    session: SessionRow
    team: TeamRow | None
    key_works: bool
    quota: QuotaStatus
    admitted: Sequence[datetime]
    moment: datetime

    def circumstances(
        self, defaults: Mapping[PlatformType, PlatformDefaults], model: str | None = None
    ) -> Circumstances:
        """Give what a request for a model is judged by."""
        config = platform_config(defaults, layer_of(self.team), self.session.platform)
        return Circumstances(
            team_is_active=self.team is None or self.team.is_active,
            key_works=self.key_works,
            config=config,
            model=model,
            quota=self.quota,
            rate=RateWindow.at(self.moment, self.admitted, limit=config[RATE_LIMIT]),
        )


async def admission_state(
    database: Database | Transaction, viewer: Viewer, session_id: int, periods: QuotaPeriods
) -> AdmissionState | None:
    """Read what an admission is judged by; None where the viewer may see no such session.

    The key is the one that owns the session, or the caller's own where none does.
    """
    judged = statement(("admission", scope(viewer)), lambda: _state_of_session(viewer))
    rows = await database.rows(
        judged,
        session_row_id=session_id,
        caller_key=viewer.api_key_id if isinstance(viewer, TeamKey) else None,
        **period_parameters(periods),
        **scope_parameters(viewer),
    )
    return _state(rows[0], periods) if rows else None


def _state_of_session(viewer: Viewer) -> ClauseElement:
    key_id = func.coalesce(ChatSession.api_key_id, bindparam("caller_key", type_=ApiKey.id.type))
    used = (
        select(*within(), *within(UsageTotal.api_key_id == key_id))
        .where(UsageTotal.team_id == ChatSession.team_id, in_month())
        .lateral("used")
    )
    key = aliased(ApiKey, name="key")
    return (
        select(
            *SESSION_COLUMNS,
            *TEAM_COLUMNS,
            key.daily_quota,
            key.monthly_quota,
            func.coalesce(works(key), true()),
            AdmissionWindow.admitted_at,
            func.clock_timestamp(),
            *used.c,
        )
        .select_from(ChatSession)
        .outerjoin(Team, Team.id == ChatSession.team_id)
        .outerjoin(key, key.id == key_id)
        .outerjoin(AdmissionWindow, AdmissionWindow.session_id == ChatSession.id)
        .join(used, true())
        .where(ChatSession.id == bindparam("session_row_id", type_=BigInteger), visible_sessions(viewer))
    )


def _state(record: Sequence[Any], periods: QuotaPeriods) -> AdmissionState:
    chat_session = SessionRow._make(record[: len(SESSION_COLUMNS)])
    rest = record[len(SESSION_COLUMNS) :]
    team = None if chat_session.team_id is None else TeamRow.of(rest[: len(TEAM_COLUMNS)])
    key_daily, key_monthly, key_works, admitted, moment, *used = rest[len(TEAM_COLUMNS) :]
    of_team = QuotaLimits() if team is None else QuotaLimits(team.daily_quota, team.monthly_quota)
    by_team_daily, by_team_monthly, by_key_daily, by_key_monthly = map(int, used)
    return AdmissionState(
        session=chat_session,
        team=team,
        key_works=key_works,
        quota=quota_status_of_key(
            QuotaLimits(key_daily, key_monthly),
            Used(by_key_daily, by_key_monthly),
            quota_status(of_team, Used(by_team_daily, by_team_monthly), periods),
            periods,
        ),
        admitted=admitted or (),
        moment=moment,
    )
