"""Issuing an API key for a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, insert, select

from db.models import ApiKey, Team
from db.rows import API_KEY_COLUMNS, ApiKeyRow
from db.statement import statement
from domain.errors import TeamNotFound

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

    from db.transaction import Transaction
    from domain.api_key import NewApiKey
    from domain.api_key_request import ApiKeyRequest

_GIVEN = (
    ApiKey.key_hash,
    ApiKey.key_prefix,
    ApiKey.team_id,
    ApiKey.name,
    ApiKey.created_by,
    ApiKey.description,
    ApiKey.monthly_quota,
    ApiKey.daily_quota,
    ApiKey.expires_at,
)


async def issue_api_key(
    transaction: Transaction, team_id: int, key: NewApiKey, request: ApiKeyRequest, *, actor: str
) -> ApiKeyRow:
    """Store a new key of a team.

    Raises:
        TeamNotFound: there is no such team.
    """
    # Held until the commit, so that the team cannot be deleted in between.
    held = statement(
        "team that stays",
        lambda: (
            select(Team.id)
            .where(Team.id == bindparam("team_id", type_=Integer))
            .with_for_update(key_share=True, read=True)
        ),
    )
    if await transaction.row(held, team_id=team_id) is None:
        raise TeamNotFound
    return await add_api_key(
        transaction,
        key,
        team_id=team_id,
        name=request.name,
        actor=actor,
        description=request.description,
        monthly_quota=request.monthly_quota,
        daily_quota=request.daily_quota,
        expires_at=request.expires_at,
    )


async def add_api_key(
    transaction: Transaction, key: NewApiKey, *, team_id: int, name: str, actor: str, **columns: Any
) -> ApiKeyRow:
    """Write the row of a key whose team is known to exist; `columns` are what else it holds."""
    values = {
        **{column.key: None for column in _GIVEN},
        **columns,
        "key_hash": key.key_hash,
        "key_prefix": key.prefix,
        "team_id": team_id,
        "name": name,
        "created_by": actor,
    }
    (record,) = await transaction.rows(
        statement("new key", _insert), **{f"new_{column}": value for column, value in values.items()}
    )
    return ApiKeyRow._make(record)


def _insert() -> ClauseElement:
    return (
        insert(ApiKey)
        .values({column.key: bindparam(f"new_{column.key}", type_=column.type) for column in _GIVEN})
        .returning(*API_KEY_COLUMNS)
    )
