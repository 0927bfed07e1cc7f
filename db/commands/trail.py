"""Changing a team: the lock, the revision and the trail that every change shares."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import Integer, bindparam, func, insert, select, update

from db.errors import ConstraintViolated
from db.models import Team, TeamRevision
from db.models.base import UTC_THIS_MOMENT
from db.rows import TEAM_COLUMNS, TeamRow
from db.statement import statement
from db.types import representable
from domain.config.setting_types import NameListType
from domain.config.settings_table import SETTINGS
from domain.errors import (
    DisplayNameTaken,
    InputProblem,
    InputProblemCode,
    InvalidInput,
    PlatformNameTaken,
    Refusal,
    RevisionConflict,
    TeamNotFound,
)
from domain.platform import PlatformType
from domain.text import public_name, storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import BindParameter, ClauseElement, Table
    from sqlalchemy.sql.dml import UpdateBase

    from db.statement import Statement
    from db.transaction import Transaction

_OWN_FIELDS = ("display_name", "platform_name", "platform_type", "monthly_quota", "daily_quota", "is_active")
_TRAILED_FIELDS = (*_OWN_FIELDS, *(setting.name for setting in SETTINGS))

_trailed = itemgetter(*([column.key for column in TEAM_COLUMNS].index(name) for name in _TRAILED_FIELDS))

_JSON_FIELDS = tuple(setting.name for setting in SETTINGS if isinstance(setting.type, NameListType))

_teams = cast("Table", Team.__table__)
_revisions = cast("Table", TeamRevision.__table__)


class HeldTeam(NamedTuple):
    """A team whose row is held until the transaction ends.

    `stored` is what its columns hold, by their names: also a text that names no platform type, so that it can be told
    from the type that it is read as, and be mended.
    """

    row: TeamRow
    stored: Mapping[str, Any]


async def lock_team(
    transaction: Transaction, team_id: int, expected_revision: int | None, *, deleting: bool = False
) -> HeldTeam:
    """Read a team for change, holding its row until the transaction ends.

    Whoever writes messages or usage of the team keeps it from being deleted or renamed meanwhile, and from nothing
    else: no other change waits for them.

    Raises:
        TeamNotFound: there is none.
        RevisionConflict: a revision is expected and the team has another.
    """
    held = statement(
        ("team that is held", deleting),
        lambda: (
            select(*TEAM_COLUMNS)
            .where(Team.id == bindparam("team_id", type_=Integer))
            .with_for_update(key_share=not deleting)
        ),
    )
    record = await transaction.row(held, team_id=team_id)
    if record is None:
        raise TeamNotFound
    team = TeamRow.of(record)
    if expected_revision is not None and team.revision != expected_revision:
        raise RevisionConflict(team_id=team_id, expected_revision=expected_revision, current_revision=team.revision)
    stored: dict[str, Any] = dict(zip(_TRAILED_FIELDS, _trailed(record), strict=True))
    for name in _JSON_FIELDS:
        stored[name] = representable(stored[name])
    return HeldTeam(team, stored)


async def record_creation(transaction: Transaction, values: Mapping[str, Any], *, actor: str) -> TeamRow:
    """Write a new team with the first row of its trail. `values` are its columns, but for those with a default.

    Raises:
        PlatformNameTaken, DisplayNameTaken: another team bears the name.
    """
    created = statement(
        ("new team", tuple(values)), lambda: _with_trail(insert(_teams).values(_parameters(values)), "new_team")
    )
    trail = _trail({"is_active": True, **values}, actor=actor, action="createTeam", changed_fields=_TRAILED_FIELDS)
    return await _written(transaction, created, values, {**_named(values), **trail})


async def record_change(
    transaction: Transaction, team: HeldTeam, values: Mapping[str, Any], *, actor: str, action: str
) -> TeamRow:
    """Give a held team new values, raise its revision and write the trail; give the team as it is then.

    Values that the team has already are no change: no revision, no row in the trail.

    Raises:
        DisplayNameTaken: another team bears the name.
        InvalidInput: what the team stores elsewhere breaks a bound of the database.
    """
    wanted = {name: stored_form(value) for name, value in values.items()}
    change = {name: value for name, value in wanted.items() if not _same(team.stored[name], value)}
    if not change:
        return team.row
    changed = statement(("change of a team", tuple(change)), lambda: _with_trail(_update(change), "changed_team"))
    result = {**team.stored, **change}
    trail = _trail(result, actor=actor, action=action, changed_fields=list(change))
    return await _written(transaction, changed, result, {"team_id": team.row.id, **_named(change), **trail})


async def record_deletion(transaction: Transaction, team: HeldTeam, *, actor: str) -> None:
    """Write the last row of a team's trail: what it was when it was deleted."""
    last = statement(
        "last of a trail",
        lambda: insert(_revisions).values(
            team_id=bindparam("of_team", type_=Integer),
            revision=bindparam("last_revision", type_=Integer),
            **_trail_parameters(),
        ),
    )
    await transaction.rows(
        last,
        of_team=team.row.id,
        last_revision=team.row.revision + 1,
        **_trail(team.stored, actor=actor, action="deleteTeam", changed_fields=()),
    )


def stored_form(value: Any) -> Any:
    """Give a domain value as its column takes it: JSON knows lists, not tuples, and a type is stored as text."""
    match value:
        case PlatformType():
            return value.value
        case tuple():
            return list(value)
    return value


def _update(change: Mapping[str, Any]) -> UpdateBase:
    return (
        update(_teams)
        .where(_teams.c.id == bindparam("team_id", type_=Integer))
        .values({**_parameters(change), "revision": _teams.c.revision + 1, "updated_at": UTC_THIS_MOMENT})
    )


def _with_trail(write: UpdateBase, name: str) -> ClauseElement:
    """Add the row of the trail to what writes a team, in one statement that gives the team as it is then."""
    team = write.returning(*(_teams.c[column.key] for column in TEAM_COLUMNS)).cte(name)
    trail = _trail_parameters()
    added = insert(_revisions).from_select(
        ["team_id", "revision", *trail], select(team.c.id, team.c.revision, *trail.values())
    )
    return select(*(team.c[column.key] for column in TEAM_COLUMNS)).add_cte(added.cte("trail"))


def _parameters(values: Mapping[str, Any]) -> dict[str, BindParameter[Any]]:
    # Not by the names of the columns themselves, which SQLAlchemy keeps for its own use.
    return {name: bindparam(f"new_{name}", type_=_teams.c[name].type) for name in values}


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _trail_parameters() -> dict[str, Any]:
    """Give what a row of the trail holds beside the team and its revision."""
    given = {
        name: bindparam(f"trail_{name}", type_=_revisions.c[name].type)
        for name in ("changed_by", "action", "snapshot", "changed_fields")
    }
    return {**given, "changed_at": func.clock_timestamp()}


def _trail(stored: Mapping[str, Any], *, actor: str, action: str, changed_fields: Sequence[str]) -> dict[str, Any]:
    return {
        "trail_changed_by": actor,
        "trail_action": action,
        "trail_snapshot": {name: storable(stored[name]) for name in _TRAILED_FIELDS},
        "trail_changed_fields": list(changed_fields),
    }


def _same(stored: object, value: object) -> bool:
    # 1 and True are equal to Python and differ to a reader of the trail.
    return stored == value and type(stored) is type(value)


async def _written(
    transaction: Transaction, write: Statement, values: Mapping[str, Any], parameters: Mapping[str, Any]
) -> TeamRow:
    """Run a statement that writes a team, which then has these values."""
    try:
        (record,) = await transaction.rows(write, **parameters)
    except ConstraintViolated as error:
        refusal = _refusal(error.name, values)
        if refusal is None:
            raise
        raise refusal from error
    return TeamRow.of(record)


def _refusal(constraint: str, values: Mapping[str, Any]) -> Refusal | None:
    """Give the refusal that a caller can act on, where a constraint or an index refuses a team of these values."""
    match constraint:
        # The second of each is what a database of the earlier service may have beside the first.
        case "ix_teams_platform_name" | "teams_platform_name_key":
            return PlatformNameTaken(values["platform_name"])
        case "ix_teams_display_name" | "teams_display_name_key":
            return DisplayNameTaken(values["display_name"])
        case name if name.startswith("ck_teams_"):
            field = public_name(name.removeprefix("ck_teams_"))
            return InvalidInput(
                [
                    InputProblem(
                        ("id",),
                        InputProblemCode.NOT_ALLOWED,
                        f"The team stores a value of {field} that breaks its bounds; correct it in the same "
                        "change, or first with the mutation that sets it.",
                    )
                ]
            )
    return None
