"""Reading API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, String, bindparam, func, or_, select

from db.among import among_those
from db.models import ApiKey, Team
from db.models.base import UTC_NOW
from db.paging import Order, Page, Slice, page_parameters
from db.queries.nested import pages_of_parents, slices_of_parents
from db.rows import API_KEY_COLUMNS, ApiKeyRow, api_key_row
from db.statement import statement
from db.visibility import scope, scope_parameters, visible_api_keys
from domain.platform import PlatformType, platform_type_of_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ClauseElement, ColumnElement

    from db.database import Database
    from db.transaction import Transaction
    from domain.viewer import Viewer

NEWEST_FIRST = Order((ApiKey.created_at, ApiKey.id), descending=True)


class Credentials(NamedTuple):
    """What a working key stands for."""

    api_key_id: int
    prefix: str
    team_id: int
    platform_name: str
    last_used_at: datetime | None
    platform_type: PlatformType


def works(key: type[ApiKey] = ApiKey) -> ColumnElement[bool]:
    """The condition that a key works: active and not expired, by the database's clock."""
    return key.is_active & or_(key.expires_at.is_(None), key.expires_at > UTC_NOW)


async def credentials(database: Database, key_hash: str) -> Credentials | None:
    """Find what a key stands for by its digest; None where it is unknown, does not work, or its team is inactive.

    The secret that a key had before its rotation is found with the one that it has, while it still works.
    """
    records = await database.rows(statement("credentials", _credentials), key_hash=key_hash)
    if not records:
        return None
    *known, platform_type = records[0]
    return Credentials._make([*known, platform_type_of_stored(platform_type)])


def _credentials() -> ClauseElement:
    key_hash = bindparam("key_hash", type_=String)
    is_the_secret_before = (ApiKey.previous_key_hash == key_hash) & (
        ApiKey.previous_secret_expires_at > func.clock_timestamp()
    )
    return (
        select(
            ApiKey.id,
            ApiKey.key_prefix,
            ApiKey.team_id,
            Team.platform_name,
            ApiKey.last_used_at,
            Team.platform_type,
        )
        .join(Team, Team.id == ApiKey.team_id)
        .where(or_(ApiKey.key_hash == key_hash, is_the_secret_before), works(), Team.is_active)
    )


async def by_ids(database: Database, viewer: Viewer, ids: Sequence[int]) -> dict[int, ApiKeyRow]:
    """Find keys by id."""
    found = statement(
        ("keys by ids", scope(viewer)),
        lambda: select(*API_KEY_COLUMNS).where(among_those(ApiKey.id, "ids"), visible_api_keys(viewer)),
    )
    rows = map(api_key_row, await database.rows(found, ids=ids, **scope_parameters(viewer)))
    return {row.id: row for row in rows}


async def pages_by_team(
    database: Database, viewer: Viewer, team_ids: Sequence[int], page: Page
) -> dict[int, Slice[ApiKeyRow]]:
    """Give the same page of each team's keys, newest first."""
    paged = statement(
        ("pages of keys by team", scope(viewer), page.shape),
        lambda: pages_of_parents(
            lambda team_id: select(*API_KEY_COLUMNS).where(ApiKey.team_id == team_id, visible_api_keys(viewer)),
            NEWEST_FIRST,
            page,
        ),
    )
    records = await database.rows(paged, parents=team_ids, **scope_parameters(viewer), **page_parameters(page))
    return slices_of_parents(team_ids, [(record[0], api_key_row(record[1:])) for record in records], page)


async def counts_by_team(database: Database, viewer: Viewer, team_ids: Sequence[int]) -> dict[int, int]:
    """Count each team's keys, revoked ones included; a team without keys is left out."""
    counted = statement(
        ("counts of keys by team", scope(viewer)),
        lambda: (
            select(ApiKey.team_id, func.count(ApiKey.id))
            .where(among_those(ApiKey.team_id, "team_ids"), visible_api_keys(viewer))
            .group_by(ApiKey.team_id)
        ),
    )
    return dict(await database.rows(counted, team_ids=team_ids, **scope_parameters(viewer)))


async def count_working(transaction: Transaction, team_id: int) -> int:
    """Count a team's keys that work."""
    counted = statement(
        "working keys",
        lambda: select(func.count(ApiKey.id)).where(ApiKey.team_id == bindparam("of_team", type_=Integer), works()),
    )
    ((number,),) = await transaction.rows(counted, of_team=team_id)
    return int(number)
