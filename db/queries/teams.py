"""Reading teams."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, or_, select

from db.among import among
from db.models import Team
from db.paging import Order, Page, Slice, cut, slice_of
from db.visibility import visible_teams
from domain.config.overrides import ConfigOverrides
from domain.config.platform_config import TeamLayer
from domain.config.settings_table import SETTINGS, Setting
from domain.platform import PlatformType
from domain.text import forms_of_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.database import ReadSession
    from domain.viewer import Viewer

BY_DISPLAY_NAME = (Team.display_name, Team.id)
BY_PLATFORM_NAME = (Team.platform_name, Team.id)
BY_CREATED_AT = (Team.created_at, Team.id)
BY_UPDATED_AT = (Team.updated_at, Team.id)


_stored_values = attrgetter(*(setting.name for setting in SETTINGS))


@dataclass(frozen=True, slots=True)
class TeamFilter:
    """Which teams; a field that is None does not restrict."""

    platform_type: PlatformType | None = None
    is_active: bool | None = None
    search: str | None = None
    overrides: tuple[Setting[Any], ...] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Give the conditions, all of which have to hold."""
        conditions: list[ColumnElement[bool]] = []
        if self.platform_type is not None:
            is_public = Team.stored_platform_type == PlatformType.PUBLIC.value
            # As the model reads it: whatever is not public is private.
            conditions.append(is_public if self.platform_type is PlatformType.PUBLIC else ~is_public)
        if self.is_active is not None:
            conditions.append(Team.is_active.is_(self.is_active))
        if self.search:
            conditions.append(
                or_(
                    *(
                        name.icontains(form, autoescape=True)
                        for form in forms_of_name(self.search)
                        for name in (Team.display_name, Team.platform_name)
                    )
                )
            )
        conditions += [getattr(Team, setting.name).is_not(None) for setting in self.overrides]
        return conditions


def overrides_of(team: Team) -> ConfigOverrides:
    """Give the overrides that a row stores."""
    return ConfigOverrides(_stored_values(team))


def layer_of(team: Team | None) -> TeamLayer | None:
    """Give what a row contributes to its team's configuration; None where there is no team."""
    return None if team is None else TeamLayer(team.platform_type, overrides_of(team))


async def by_ids(session: ReadSession, viewer: Viewer, ids: Sequence[int]) -> dict[int, Team]:
    """Find teams by id."""
    rows = await session.scalars(select(Team).where(among(Team.id, ids), visible_teams(viewer)))
    return {team.id: team for team in rows}


async def by_platform_names(session: ReadSession, viewer: Viewer, names: Sequence[str]) -> dict[str, Team]:
    """Find teams by the exact platform name."""
    rows = await session.scalars(select(Team).where(among(Team.platform_name, names), visible_teams(viewer)))
    return {team.platform_name: team for team in rows}


async def by_display_names(session: ReadSession, viewer: Viewer, names: Sequence[str]) -> dict[str, Team]:
    """Find teams by the exact display name."""
    rows = await session.scalars(select(Team).where(among(Team.display_name, names), visible_teams(viewer)))
    return {team.display_name: team for team in rows}


async def page(
    session: ReadSession, viewer: Viewer, team_filter: TeamFilter, order: Order, wanted: Page
) -> Slice[Team]:
    """Give a page of the teams that pass the filter."""
    rows = await session.scalars(cut(select(Team).where(*_conditions(viewer, team_filter)), order, wanted))
    return slice_of(rows.all(), wanted)


async def count(session: ReadSession, viewer: Viewer, team_filter: TeamFilter) -> int:
    """Count the teams that pass the filter."""
    statement = select(func.count(Team.id)).where(*_conditions(viewer, team_filter))
    return (await session.scalars(statement)).one()


def _conditions(viewer: Viewer, team_filter: TeamFilter) -> list[ColumnElement[bool]]:
    return [visible_teams(viewer), *team_filter.conditions()]
