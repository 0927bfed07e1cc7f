"""Recording usage."""

from typing import Annotated

import strawberry

from db.commands import record_usage as command
from db.commands.record_usage import RecordedUsage
from db.queries.usage import used_by_platforms
from domain.quota import QuotaLimits, QuotaPeriods, quota_status
from domain.usage_record import UsageRecord, require_usage_record
from schema.absent import or_none
from schema.context import Info
from schema.errors import InvalidInput, SessionNotFound
from schema.sessions.serving import named_session, serve
from schema.usage.quota import QuotaStatus, key_quota, team_quota


@strawberry.input(description="What came of one request to a model.")
class RecordUsageInput:
    """What came of one request to a model."""

    session_id: strawberry.ID = strawberry.field(description="The session, by its global id.")
    model: str = strawberry.field(
        description="The model that was used, whether or not it is available: 1 to 255 characters, kept as given; no "
        "control characters and none that rearrange text."
    )
    success: bool = strawberry.field(description="Whether the request succeeded. Only these count against quotas.")
    tokens_used: int | None = strawberry.field(default=strawberry.UNSET, description="Tokens used, 0 or more.")
    estimated_cost: float | None = strawberry.field(
        default=strawberry.UNSET, description="What it cost, 0 to 1,000,000,000, in the unit of your choice."
    )
    response_time_ms: int | None = strawberry.field(
        default=strawberry.UNSET, description="Milliseconds until the response was complete, 0 or more."
    )
    error_message: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What went wrong: up to 10,000 characters; of control characters, only lines and tabs.",
    )


@strawberry.type(description="The usage was recorded.")
class RecordUsageSuccess:
    """The usage was recorded."""

    quota: QuotaStatus = strawberry.field(
        description="What remains, this request counted: of the quota that holds for the key, see `ApiKey.quota`. "
        "Sessions without a team have no quota; `used` then counts all of the platform that have none."
    )


RecordUsageResult = Annotated[
    RecordUsageSuccess | InvalidInput | SessionNotFound,
    strawberry.union("RecordUsageResult", description="What came of recording usage."),
]


async def record_usage(
    info: Info,
    wanted: Annotated[RecordUsageInput, strawberry.argument(name="input", description="The usage to record.")],
) -> RecordUsageResult:
    """Record usage."""
    record = UsageRecord(
        model=wanted.model,
        success=wanted.success,
        tokens_used=or_none(wanted.tokens_used),
        estimated_cost=or_none(wanted.estimated_cost),
        response_time_ms=or_none(wanted.response_time_ms),
        error_message=or_none(wanted.error_message),
    )
    require_usage_record(record)
    row_id = named_session(wanted.session_id)
    log = await serve(
        info.context, lambda transaction: command.record_usage(transaction, info.context.viewer, row_id, record)
    )
    return RecordUsageSuccess(quota=await _quota(info, log))


async def _quota(info: Info, log: RecordedUsage) -> QuotaStatus:
    loaders = info.context.loaders
    # Those in which the log lies: at midnight the request may have begun in the day before.
    periods = QuotaPeriods.at(log.timestamp)
    if log.team_id is None:
        used = await used_by_platforms(info.context.database, info.context.viewer, [log.platform], periods)
        return QuotaStatus.from_domain(quota_status(QuotaLimits(), used[log.platform], periods))
    team = await loaders.team_by_id.load(log.team_id)
    limits = QuotaLimits() if team is None else QuotaLimits(team.daily_quota, team.monthly_quota)
    status = await team_quota(info, log.team_id, limits, periods)
    if log.api_key_id is not None and (key := await loaders.api_key_by_id.load(log.api_key_id)) is not None:
        status = await key_quota(info, key.id, QuotaLimits(key.daily_quota, key.monthly_quota), status, periods)
    return QuotaStatus.from_domain(status)
