"""Changing a team: the lock, the revision and the trail that every change shares."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from db.errors import constraint_name
from db.models import Team, TeamRevision
from db.models.base import UTC_THIS_MOMENT
from domain.config.settings_table import SETTINGS
from domain.errors import (
    DisplayNameTaken,
    InputProblem,
    InputProblemCode,
    InvalidInput,
    PlatformNameTaken,
    RevisionConflict,
    TeamNotFound,
)
from domain.platform import PlatformType
from domain.text import public_name, storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from db.database import WriteSession

_OWN_FIELDS = ("display_name", "platform_name", "platform_type", "monthly_quota", "daily_quota", "is_active")
_TRAILED_FIELDS = (*_OWN_FIELDS, *(setting.name for setting in SETTINGS))


async def lock_team(
    session: WriteSession, team_id: int, expected_revision: int | None, *, deleting: bool = False
) -> Team:
    """Read a team for change, holding its row until the transaction ends.

    Whoever writes messages or usage of the team keeps it from being deleted or renamed meanwhile, and from nothing
    else: no other change waits for them.

    Raises:
        TeamNotFound: there is none.
        RevisionConflict: a revision is expected and the team has another.
    """
    statement = select(Team).where(Team.id == team_id).with_for_update(key_share=not deleting)
    team = (await session.scalars(statement)).one_or_none()
    if team is None:
        raise TeamNotFound
    if expected_revision is not None and team.revision != expected_revision:
        raise RevisionConflict(team_id=team_id, expected_revision=expected_revision, current_revision=team.revision)
    return team


async def record_creation(session: WriteSession, team: Team, *, actor: str) -> None:
    """Write a new team with the first row of its trail.

    Raises:
        PlatformNameTaken, DisplayNameTaken: another team bears the name.
    """
    session.add(team)
    with _refusals(platform_name=team.platform_name, display_name=team.display_name):
        await session.flush()
    session.add(_trail(team, actor=actor, action="createTeam", changed_fields=_TRAILED_FIELDS))
    await session.flush()


async def record_change(
    session: WriteSession, team: Team, values: Mapping[str, Any], *, actor: str, action: str
) -> None:
    """Give a locked team new values, raise its revision and write the trail.

    Values that the team has already are no change: no revision, no row in the trail.

    Raises:
        DisplayNameTaken: another team bears the name.
        InvalidInput: what the team stores elsewhere breaks a bound of the database.
    """
    changed = [name for name, value in values.items() if not _same(getattr(team, _column(name)), stored_form(value))]
    if not changed:
        return
    statement = (
        update(Team)
        .where(Team.id == team.id)
        .values(
            {_column(name): stored_form(values[name]) for name in changed}
            | {"revision": Team.revision + 1, "updated_at": UTC_THIS_MOMENT}
        )
        # The row comes back with the statement, and `team` is that row.
        .returning(Team)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    with _refusals(platform_name=team.platform_name, display_name=values.get("display_name", team.display_name)):
        (await session.scalars(statement)).one()
    session.add(_trail(team, actor=actor, action=action, changed_fields=changed))
    await session.flush()


async def record_deletion(session: WriteSession, team: Team, *, actor: str) -> None:
    """Write the last row of a team's trail: what it was when it was deleted."""
    trail = _trail(team, actor=actor, action="deleteTeam", changed_fields=())
    trail.revision = team.revision + 1
    session.add(trail)
    await session.flush()


def _trail(team: Team, *, actor: str, action: str, changed_fields: tuple[str, ...] | list[str]) -> TeamRevision:
    return TeamRevision(
        team_id=team.id,
        revision=team.revision,
        changed_at=func.clock_timestamp(),
        changed_by=actor,
        action=action,
        snapshot={name: storable(getattr(team, _column(name))) for name in _TRAILED_FIELDS},
        changed_fields=list(changed_fields),
    )


def _column(name: str) -> str:
    # The text itself, so that one which names no type can be told from the type that it is read as, and be mended.
    return "stored_platform_type" if name == "platform_type" else name


def stored_form(value: Any) -> Any:
    """Give a domain value as its column takes it: JSON knows lists, not tuples, and a type is stored as text."""
    match value:
        case PlatformType():
            return value.value
        case tuple():
            return list(value)
    return value


def _same(stored: object, value: object) -> bool:
    # 1 and True are equal to Python and differ to a reader of the trail.
    return stored == value and type(stored) is type(value)


@contextmanager
def _refusals(*, platform_name: str, display_name: str) -> Iterator[None]:
    """Turn what the database refuses about a team into the refusal that a caller can act on."""
    try:
        yield
    except IntegrityError as error:
        match constraint_name(error):
            # The second of each is what a database of the earlier service may have beside the first.
            case "ix_teams_platform_name" | "teams_platform_name_key":
                raise PlatformNameTaken(platform_name) from error
            case "ix_teams_display_name" | "teams_display_name_key":
                raise DisplayNameTaken(display_name) from error
            case name if name.startswith("ck_teams_"):
                field = public_name(name.removeprefix("ck_teams_"))
                raise InvalidInput(
                    [
                        InputProblem(
                            ("id",),
                            InputProblemCode.NOT_ALLOWED,
                            f"The team stores a value of {field} that breaks its bounds; correct it in the same "
                            "change, or first with the mutation that sets it.",
                        )
                    ]
                ) from error
        raise
