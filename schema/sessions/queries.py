"""Finding sessions."""

from typing import Annotated

import strawberry

from db.queries import sessions
from domain.text import is_nameable
from schema.absent import or_none
from schema.context import Info
from schema.pagination import After, Before, Connection, First, Last, connection, requested_page
from schema.sessions.filter import LATEST_FIRST, SessionFilter, stored_filter
from schema.sessions.session import Session
from schema.teams.team import Team
from schema.user_input import BadUserInput


@strawberry.input(description="What makes a session one: the platform, the user, and the team where there is one.")
class SessionKeyInput:
    """What makes a session one."""

    platform: str = strawberry.field(description="The exact platform name.")
    user_id: str = strawberry.field(description="The user, by the platform's own id.")
    team_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The team; left out or null: the session that belongs to no team."
    )


@strawberry.input(one_of=True, description="What a session is found by: exactly one of these.")
class SessionBy:
    """What a session is found by."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The global id.")
    session_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="The 32 hexadecimal digits by which runtimes and usage logs name it."
    )
    key: SessionKeyInput | None = strawberry.field(default=strawberry.UNSET, description="What makes it one.")


async def session(
    info: Info, by: Annotated[SessionBy, strawberry.argument(description="What the session is found by.")]
) -> Session | None:
    """Find a session; None where the viewer may see none such."""
    loaders = info.context.loaders
    if (node_id := or_none(by.id)) is not None:
        row_id = Session.row_id_of(node_id)
        row = None if row_id is None else await loaders.session_by_id.load(row_id)
    elif (session_id := or_none(by.session_id)) is not None:
        row = await loaders.session_by_session_id.load(session_id)
    elif (key := or_none(by.key)) is not None:
        return await _by_key(info, key)
    else:
        raise BadUserInput("`by` has to name one of id, sessionId and key.")
    return None if row is None else Session.from_row(row)


async def _by_key(info: Info, key: SessionKeyInput) -> Session | None:
    team_id = or_none(key.team_id)
    team_row_id = None if team_id is None else Team.row_id_of(team_id)
    names_no_team = team_id is not None and team_row_id is None
    if names_no_team or not is_nameable(key.platform) or not is_nameable(key.user_id):
        return None
    context = info.context
    row = await sessions.by_key(
        context.database, context.viewer, platform=key.platform, user_id=key.user_id, team_id=team_row_id
    )
    return None if row is None else Session.from_row(row)


async def list_sessions(
    info: Info,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
    last: Last = strawberry.UNSET,
    before: Before = strawberry.UNSET,
    session_filter: Annotated[
        SessionFilter | None, strawberry.argument(name="filter", description="Which sessions; all where left out.")
    ] = strawberry.UNSET,
) -> Connection[Session]:
    """List the sessions that the viewer may see, most recently active first."""
    wanted = requested_page(LATEST_FIRST, first=first, after=after, last=last, before=before)
    context = info.context
    restriction = stored_filter(session_filter, context)
    page = await sessions.page(context.database, context.viewer, restriction, wanted)
    return connection(
        page,
        LATEST_FIRST,
        Session.from_row,
        lambda: sessions.count(context.database, context.viewer, restriction),
    )
