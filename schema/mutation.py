"""The root of mutations."""

import strawberry

from schema.api_keys.issue_api_key import IssueApiKeyResult, issue_api_key
from schema.api_keys.revoke_api_key import RevokeApiKeyResult, revoke_api_key
from schema.config.update_team_overrides import UpdateTeamOverridesResult, update_team_overrides
from schema.teams.create_team import CreateTeamResult, create_team
from schema.teams.delete_team import DeleteTeamResult, delete_team
from schema.teams.update_team import UpdateTeamResult, update_team


@strawberry.type(
    description="Everything that can be changed. Each mutation is one transaction, whole or not at all. "
    "What a caller can act on comes back as a member of the result; look at `__typename`."
)
class Mutation:
    """Everything that can be changed."""

    create_team: CreateTeamResult = strawberry.mutation(
        resolver=create_team, description="Create a team with its first API key. Administrators only."
    )
    update_team: UpdateTeamResult = strawberry.mutation(
        resolver=update_team, description="Change a team's own fields. Administrators only."
    )
    update_team_overrides: UpdateTeamOverridesResult = strawberry.mutation(
        resolver=update_team_overrides,
        description="Change what a team overrides: null inherits again, absent leaves as it is. Administrators only.",
    )
    delete_team: DeleteTeamResult = strawberry.mutation(
        resolver=delete_team,
        description="Delete a team with its keys, sessions, messages and usage. Administrators only.",
    )
    issue_api_key: IssueApiKeyResult = strawberry.mutation(
        resolver=issue_api_key, description="Issue another API key for a team. Administrators only."
    )
    revoke_api_key: RevokeApiKeyResult = strawberry.mutation(
        resolver=revoke_api_key, description="Revoke an API key, from the next request on. Administrators only."
    )
