"""The root of mutations."""

import strawberry

from schema.api_keys.issue_api_key import IssueApiKeyResult, issue_api_key
from schema.api_keys.revoke_api_key import RevokeApiKeyResult, revoke_api_key
from schema.api_keys.rotate_api_key import RotateApiKeyResult, rotate_api_key
from schema.config.update_team_overrides import UpdateTeamOverridesResult, update_team_overrides
from schema.cost_directives import cost
from schema.sessions.append_messages import AppendMessagesResult, append_messages
from schema.sessions.clear_session_history import ClearSessionHistoryResult, clear_session_history
from schema.sessions.close_session import CloseSessionResult, close_session
from schema.sessions.open_session import OpenSessionResult, open_session
from schema.sessions.switch_session_model import SwitchSessionModelResult, switch_session_model
from schema.teams.create_team import CreateTeamResult, create_team
from schema.teams.delete_team import DeleteTeamResult, delete_team
from schema.teams.update_team import UpdateTeamResult, update_team
from schema.usage.admit_request import AdmitRequestResult, admit_request
from schema.usage.record_usage import RecordUsageResult, record_usage

# A transaction of several statements.
CHANGE = [cost(10)]


@strawberry.type(
    description="Everything that can be changed. Each mutation is one transaction, whole or not at all. "
    "What a caller can act on comes back as a member of the result; look at `__typename`."
)
class Mutation:
    """Everything that can be changed."""

    create_team: CreateTeamResult = strawberry.mutation(
        directives=CHANGE,
        resolver=create_team,
        description="Create a team with its first API key. Administrators only.",
    )
    update_team: UpdateTeamResult = strawberry.mutation(
        directives=CHANGE, resolver=update_team, description="Change a team's own fields. Administrators only."
    )
    update_team_overrides: UpdateTeamOverridesResult = strawberry.mutation(
        directives=CHANGE,
        resolver=update_team_overrides,
        description="Change what a team overrides: null inherits again, absent leaves as it is. Administrators only.",
    )
    delete_team: DeleteTeamResult = strawberry.mutation(
        directives=CHANGE,
        resolver=delete_team,
        description="Delete a team with its keys, sessions, messages and usage. Administrators only.",
    )
    issue_api_key: IssueApiKeyResult = strawberry.mutation(
        directives=CHANGE, resolver=issue_api_key, description="Issue another API key for a team. Administrators only."
    )
    rotate_api_key: RotateApiKeyResult = strawberry.mutation(
        directives=CHANGE,
        resolver=rotate_api_key,
        description="Give an API key a new secret. The key keeps its sessions, which a new key would not have. "
        "Administrators only.",
    )
    revoke_api_key: RevokeApiKeyResult = strawberry.mutation(
        directives=CHANGE,
        resolver=revoke_api_key,
        description="Revoke an API key, from the next request on. Its sessions stay its own, out of reach of the "
        "team's other keys: to replace a secret that leaked, rotate the key instead. Administrators only.",
    )
    open_session: OpenSessionResult = strawberry.mutation(
        directives=CHANGE,
        resolver=open_session,
        description="Open the session of a user: the one there is, or a new one. The key that opens a team's session "
        "owns it; only that key serves it, and administrators.",
    )
    switch_session_model: SwitchSessionModelResult = strawberry.mutation(
        directives=CHANGE, resolver=switch_session_model, description="Switch the model of a session."
    )
    append_messages: AppendMessagesResult = strawberry.mutation(
        directives=CHANGE,
        resolver=append_messages,
        description="Store messages of a session in their order, all or none. Those of two calls never mix.",
    )
    clear_session_history: ClearSessionHistoryResult = strawberry.mutation(
        directives=CHANGE,
        resolver=clear_session_history,
        description="Empty the context of a session. Its messages stay and are marked as cleared.",
    )
    close_session: CloseSessionResult = strawberry.mutation(
        directives=CHANGE,
        resolver=close_session,
        description="End a session until it is opened again. Its messages stay.",
    )
    record_usage: RecordUsageResult = strawberry.mutation(
        directives=CHANGE,
        resolver=record_usage,
        description="Record what came of a request to a model, and learn what remains of the quota.",
    )
    admit_request: AdmitRequestResult = strawberry.mutation(
        directives=CHANGE,
        resolver=admit_request,
        description="Ask to make a request: judged as by `admission`, and where it is allowed, one is taken from the "
        "session's rate limit, at once and for all server processes together.",
    )
