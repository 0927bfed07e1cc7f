"""Who is asking."""

import strawberry

from domain.viewer import TeamKey, ViewerKind
from schema.context import Info
from schema.teams.team import Team, load_team


@strawberry.type(description="Who is asking: what the key sent with the request stands for.")
class Viewer:
    """Who is asking."""

    kind: ViewerKind = strawberry.field(description="What kind of caller this is.")
    name: str = strawberry.field(description="What the audit trail calls this caller; never a secret.")
    team_row_id: strawberry.Private[int | None]

    @strawberry.field(description="The caller's own team; null for ADMIN and SERVICE.")
    async def team(self, info: Info) -> Team | None:
        """Load the team."""
        return None if self.team_row_id is None else await load_team(info, self.team_row_id)


def viewer(info: Info) -> Viewer:
    """Show the caller to itself."""
    caller = info.context.viewer
    return Viewer(
        kind=caller.kind, name=caller.name, team_row_id=caller.team_id if isinstance(caller, TeamKey) else None
    )
