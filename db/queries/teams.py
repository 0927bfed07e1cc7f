"""Reading teams."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, String, bindparam, func, or_, select

from db.among import among_those
from db.models import Team
from db.paging import Order, Page, Slice, cut, page_parameters, slice_of
from db.rows import TEAM_COLUMNS, TeamRow
from db.statement import Statement, statement
from db.visibility import scope, scope_parameters, visible_teams
from domain.config.platform_config import TeamLayer
from domain.platform import PlatformType
from domain.text import forms_of_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sqlalchemy.orm import InstrumentedAttribute

    from db.database import Database
    from domain.config.settings_table import Setting
    from domain.viewer import Viewer

BY_DISPLAY_NAME = (Team.display_name, Team.id)
BY_PLATFORM_NAME = (Team.platform_name, Team.id)
BY_CREATED_AT = (Team.created_at, Team.id)
BY_UPDATED_AT = (Team.updated_at, Team.id)


@dataclass(frozen=True, slots=True)
class TeamFilter:
    """Which teams; a field that is None does not restrict."""

    platform_type: PlatformType | None = None
    is_active: bool | None = None
    search: str | None = None
    overrides: tuple[Setting[Any], ...] = ()

    @property
    def shape(self) -> Hashable:
        """What of the filter decides how its conditions are written; the rest of it is parameters of them."""
        return (self.platform_type, self.is_active, len(self._forms), self.overrides)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the conditions."""
        return {f"search_{number}": form for number, form in enumerate(self._forms)}

    @property
    def _forms(self) -> list[str]:
        """The text that is searched for, as it may be written, with what stands for itself in LIKE."""
        forms = forms_of_name(self.search) if self.search else ()
        return [re.sub(r"([%_/])", r"/\1", form) for form in forms]

    def conditions(self) -> list[ColumnElement[bool]]:
        """Give the conditions, all of which have to hold."""
        conditions: list[ColumnElement[bool]] = []
        if self.platform_type is not None:
            is_public = Team.platform_type == PlatformType.PUBLIC.value
            # As the model reads it: whatever is not public is private.
            conditions.append(is_public if self.platform_type is PlatformType.PUBLIC else ~is_public)
        if self.is_active is not None:
            conditions.append(Team.is_active.is_(self.is_active))
        if self.search:
            conditions.append(
                or_(
                    *(
                        name.icontains(bindparam(parameter, form, String), escape="/")
                        for parameter, form in self.parameters.items()
                        for name in (Team.display_name, Team.platform_name)
                    )
                )
            )
        conditions += [getattr(Team, setting.name).is_not(None) for setting in self.overrides]
        return conditions


def layer_of(team: TeamRow | None) -> TeamLayer | None:
    """Give what a row contributes to its team's configuration; None where there is no team."""
    return None if team is None else TeamLayer(team.platform_type, team.overrides)


async def by_ids(database: Database, viewer: Viewer, ids: Sequence[int]) -> dict[int, TeamRow]:
    """Find teams by id."""
    records = await database.rows(_among(viewer, Team.id), those=ids, **scope_parameters(viewer))
    return {team.id: team for team in map(TeamRow.of, records)}


async def by_platform_names(database: Database, viewer: Viewer, names: Sequence[str]) -> dict[str, TeamRow]:
    """Find teams by the exact platform name."""
    records = await database.rows(_among(viewer, Team.platform_name), those=names, **scope_parameters(viewer))
    return {team.platform_name: team for team in map(TeamRow.of, records)}


async def by_display_names(database: Database, viewer: Viewer, names: Sequence[str]) -> dict[str, TeamRow]:
    """Find teams by the exact display name."""
    records = await database.rows(_among(viewer, Team.display_name), those=names, **scope_parameters(viewer))
    return {team.display_name: team for team in map(TeamRow.of, records)}


async def page(
    database: Database, viewer: Viewer, team_filter: TeamFilter, order: Order, wanted: Page
) -> Slice[TeamRow]:
    """Give a page of the teams that pass the filter."""
    paged = statement(
        ("page of teams", scope(viewer), team_filter.shape, order, wanted.shape),
        lambda: cut(select(*TEAM_COLUMNS).where(*_conditions(viewer, team_filter)), order, wanted),
    )
    records = await database.rows(
        paged, **scope_parameters(viewer), **team_filter.parameters, **page_parameters(wanted)
    )
    return slice_of([TeamRow.of(record) for record in records], wanted)


async def count(database: Database, viewer: Viewer, team_filter: TeamFilter) -> int:
    """Count the teams that pass the filter."""
    counted = statement(
        ("count of teams", scope(viewer), team_filter.shape),
        lambda: select(func.count(Team.id)).where(*_conditions(viewer, team_filter)),
    )
    ((number,),) = await database.rows(counted, **scope_parameters(viewer), **team_filter.parameters)
    return int(number)


def _among(viewer: Viewer, column: InstrumentedAttribute[Any]) -> Statement:
    return statement(
        ("teams among", scope(viewer), column.key),
        lambda: select(*TEAM_COLUMNS).where(among_those(column, "those"), visible_teams(viewer)),
    )


def _conditions(viewer: Viewer, team_filter: TeamFilter) -> list[ColumnElement[bool]]:
    return [visible_teams(viewer), *team_filter.conditions()]
