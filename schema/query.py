"""The root of queries."""

import strawberry

from schema.config.effective_config import EffectiveConfig
from schema.config.platform_config import PlatformConfigLookup, platform_config, platform_defaults
from schema.cost_directives import ListSize, cost
from schema.node import Node
from schema.node_queries import IDS_MAXIMUM, node, nodes
from schema.pagination import PAGE, Connection
from schema.sessions.queries import list_sessions, session
from schema.sessions.session import Session
from schema.teams.queries import list_teams, team
from schema.teams.team import Team
from schema.usage.admission import Admission, admission
from schema.viewer import Viewer, viewer


@strawberry.type(
    description="Everything that can be read. Callers see only what is theirs; the rest does not exist for them."
)
class Query:
    """Everything that can be read."""

    viewer: Viewer = strawberry.field(resolver=viewer, description="Who is asking.")
    node: Node | None = strawberry.field(
        resolver=node, description="Anything by its global id; null where there is no such thing for the caller."
    )
    nodes: list[Node | None] = strawberry.field(
        resolver=nodes,
        description="Many things by their global ids, in the same order; null for each that is not there.",
        directives=[ListSize(assumed_size=IDS_MAXIMUM, slicing_arguments=["ids"])],
    )
    team: Team | None = strawberry.field(
        resolver=team, description="One team; null where there is none such for the caller."
    )
    teams: Connection[Team] = strawberry.field(
        resolver=list_teams,
        description="Teams, page by page. A team's own key sees its own team only.",
        directives=PAGE,
    )
    platform_config: PlatformConfigLookup = strawberry.field(
        resolver=platform_config,
        description="The configuration a runtime gets for a platform name, whether or not a team bears it.",
    )
    platform_defaults: EffectiveConfig = strawberry.field(
        resolver=platform_defaults, description="The defaults that a team of this type inherits."
    )
    session: Session | None = strawberry.field(
        resolver=session, description="One session; null where there is none such for the caller."
    )
    admission: Admission = strawberry.field(
        resolver=admission,
        description="Whether a session may make a request now. Nothing is taken from its limits: see admitRequest.",
        directives=[cost(5)],
    )
    sessions: Connection[Session] = strawberry.field(
        resolver=list_sessions,
        description="Sessions, page by page, most recently active first.",
        directives=PAGE,
    )
