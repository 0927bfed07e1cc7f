"""Which sessions a list shows, and in what order."""

import strawberry

from db.queries import sessions as session_queries
from domain.text import is_nameable
from schema.absent import or_none
from schema.context import Context
from schema.node import LARGEST_INTEGER, parse_global_id
from schema.pagination import Ordering
from schema.user_input import BadUserInput

LATEST_FIRST = Ordering("sessions", session_queries.LATEST_FIRST)

_NO_ROW = 0
_ALL = session_queries.SessionFilter()


@strawberry.input(description="Which sessions. A field that is left out or null does not restrict.")
class SessionFilter:
    """Which sessions."""

    platform: str | None = strawberry.field(default=strawberry.UNSET, description="On exactly this platform.")
    user_id: str | None = strawberry.field(default=strawberry.UNSET, description="Of exactly this user.")
    is_active: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Active ones, or those that were closed or idle for longer than the time-out.",
    )
    team_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Of this team.")


def stored_filter(wanted: SessionFilter | None, context: Context) -> session_queries.SessionFilter:
    """Give the filter of the database for a client's.

    Raises:
        BadUserInput: text that no session can bear.
    """
    if not wanted:
        return _ALL
    require_nameable(platform=or_none(wanted.platform), user_id=or_none(wanted.user_id))
    return session_queries.SessionFilter(
        platform=or_none(wanted.platform),
        user_id=or_none(wanted.user_id),
        team_id=_team_row(or_none(wanted.team_id)),
        active_since=context.idle_before if wanted.is_active is True else None,
        idle_since=context.idle_before if wanted.is_active is False else None,
    )


def require_nameable(*, platform: str | None, user_id: str | None) -> None:
    """Refuse text that no session can bear.

    Raises:
        BadUserInput: naming the field of the filter.
    """
    for argument, text in (("filter.platform", platform), ("filter.userId", user_id)):
        if text and not is_nameable(text):
            raise BadUserInput(f"`{argument}` is longer than any name, or holds characters that cannot be stored.")


def _team_row(team_id: str | None) -> int | None:
    if team_id is None:
        return None
    type_name, row_id = parse_global_id(team_id)
    # An id that names no team matches nothing, as the id of a team that is gone does.
    return row_id if type_name == "Team" and row_id <= LARGEST_INTEGER else _NO_ROW
