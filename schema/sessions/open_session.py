"""Opening a session."""

from typing import Annotated

import strawberry

from db.commands import open_session as command
from domain import errors
from domain.session_opening import OwnTeam, session_opening, team_of_opening
from domain.viewer import TeamKey
from schema.absent import or_none
from schema.context import Info
from schema.errors import InvalidInput, SessionOwnedByAnotherKey, TeamInactive, TeamNotFound
from schema.sessions.serving import log_foreign_session
from schema.sessions.session import Session
from schema.teams.team import load_team, named_team


@strawberry.input(
    description="A session to be opened: the one of this user on this platform, within the team where there is one. A "
    "team's key opens sessions of its own team."
)
class OpenSessionInput:
    """A session to be opened."""

    platform: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The platform: 1 to 50 characters after trimming. Left out or null: the team's platform name; "
        "required where there is no team.",
    )
    user_id: str = strawberry.field(
        description="The user, by the platform's own id: 1 to 255 characters, taken as they are."
    )
    team_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The team; left out or null: the caller's own, or none where the caller has none.",
    )


@strawberry.type(description="The session is open.")
class OpenSessionSuccess:
    """The session is open."""

    session: Session = strawberry.field(description="The session.")
    created: bool = strawberry.field(description="Whether it is new; false where it is continued.")


OpenSessionResult = Annotated[
    OpenSessionSuccess | InvalidInput | TeamNotFound | TeamInactive | SessionOwnedByAnotherKey,
    strawberry.union("OpenSessionResult", description="What came of opening a session."),
]


async def open_session(
    info: Info,
    wanted: Annotated[OpenSessionInput, strawberry.argument(name="input", description="The session to open.")],
) -> OpenSessionResult:
    """Open the session that there is, or a new one."""
    viewer = info.context.viewer
    opening = session_opening(
        viewer,
        platform=or_none(wanted.platform),
        user_id=wanted.user_id,
        team=await _team(info, or_none(wanted.team_id)),
    )
    try:
        row, created = await info.context.change(lambda transaction: command.open_session(transaction, viewer, opening))
    except errors.SessionOwnedByAnotherKey as refusal:
        log_foreign_session(refusal)
        raise
    return OpenSessionSuccess(session=Session.from_row(row), created=created)


async def _team(info: Info, named: strawberry.ID | None) -> OwnTeam | None:
    """Find the team that the session is to belong to; None where it belongs to none."""
    viewer = info.context.viewer
    team_id = team_of_opening(viewer, None if named is None else named_team(named))
    if isinstance(viewer, TeamKey):
        # Who is calling says all that matters of its team, which is active or its key would not work.
        return OwnTeam(viewer.team_id, viewer.platform_name)
    if team_id is None:
        return None
    team = await load_team(info, team_id)
    if team is None:
        raise errors.TeamNotFound
    return OwnTeam(team.row_id, team.platform_name, team.is_active)
