"""Refusals that a caller can act on, and the one table that maps the domain's exceptions to them."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry
from strawberry.types.field import StrawberryField

from domain import errors
from domain.errors import InputProblemCode
from schema.context import Info
from schema.cost_directives import ListSize, cost
from schema.teams.team import Team, load_team


@strawberry.interface(description="A refusal that the caller can act on. Nothing was changed.")
class UserError:
    """A refusal that the caller can act on."""

    message: str = strawberry.field(description="What happened and what to do, for people. Programs look at the type.")


@strawberry.type(description="One value of the input that breaks its bounds.")
class InputProblem:
    """One value of the input that breaks its bounds."""

    path: list[str] = strawberry.field(
        description='From the input\'s root, list positions as digits: ["overrides", "availableModels", "2"].'
    )
    code: InputProblemCode = strawberry.field(description="What is wrong, for programs.")
    message: str = strawberry.field(description="What is wrong, with the field and its bound, for people.")


@strawberry.type(description="The input breaks bounds; every problem is listed.")
class InvalidInput(UserError):
    """The input breaks bounds."""

    problems: list[InputProblem] = strawberry.field(
        description="All that is wrong, not only the first.", directives=[ListSize(assumed_size=10)]
    )


@strawberry.type(description="No team has this id, or none that the caller may see.")
class TeamNotFound(UserError):
    """No such team."""


@strawberry.type(description="No API key has this id, or none that the caller may see.")
class ApiKeyNotFound(UserError):
    """No such key."""


@strawberry.type(description="No session has this id, or none that the caller serves.")
class SessionNotFound(UserError):
    """No such session."""


@strawberry.type(description="Another team bears the platform name.")
class PlatformNameTaken(UserError):
    """Another team bears the platform name."""

    platform_name: str = strawberry.field(description="The name, as it would have been stored.")


@strawberry.type(description="Another team bears the display name.")
class DisplayNameTaken(UserError):
    """Another team bears the display name."""

    display_name: str = strawberry.field(description="The name, as it would have been stored.")


@strawberry.type(description="The team still has keys that work.")
class TeamHasActiveApiKeys(UserError):
    """The team still has keys that work."""

    active_api_keys: int = strawberry.field(description="How many of its keys work.")


@strawberry.type(description="The team is inactive: no session is opened for it.")
class TeamInactive(UserError):
    """The team is inactive."""


@strawberry.type(description="The team changed since the caller read it.")
class RevisionConflict(UserError):
    """The team changed since the caller read it."""

    team_row_id: strawberry.Private[int]
    expected_revision: int = strawberry.field(description="The revision that the caller expected.")
    current_revision: int = strawberry.field(description="The revision that the team had when the change was refused.")

    @strawberry.field(description="The team as it is now, to repeat the change on.")
    async def team(self, info: Info) -> Team:
        """Load the team."""
        return await load_team(info, self.team_row_id)  # type: ignore[return-value] # deleted since: an error, as it has to be


@strawberry.type(description="The model is not, or would not be, one of the available models.")
class ModelNotAvailable(UserError):
    """The model is not one of the available models."""

    model: str = strawberry.field(description="The model that was asked for, or that the team stores as its default.")
    available_models: list[str] = strawberry.field(
        description="The models that are, or would be, available.", directives=[cost(10)]
    )


@strawberry.type(description="The session's configuration lets nobody switch its model; allowModelSwitch is false.")
class ModelSwitchNotAllowed(UserError):
    """The configuration lets nobody switch the model."""


@strawberry.type(
    description="Another API key of the team opened the session and owns it. Rotating a key keeps its sessions; "
    "a new key does not have them."
)
class SessionOwnedByAnotherKey(UserError):
    """Another key owns the session."""


def _invalid_input(refusal: errors.InvalidInput) -> InvalidInput:
    return InvalidInput(
        message=refusal.message,
        problems=[
            InputProblem(path=list(problem.path), code=problem.code, message=problem.message)
            for problem in refusal.problems
        ],
    )


def _platform_name_taken(refusal: errors.PlatformNameTaken) -> PlatformNameTaken:
    return PlatformNameTaken(message=refusal.message, platform_name=refusal.platform_name)


def _display_name_taken(refusal: errors.DisplayNameTaken) -> DisplayNameTaken:
    return DisplayNameTaken(message=refusal.message, display_name=refusal.display_name)


def _team_has_active_api_keys(refusal: errors.TeamHasActiveApiKeys) -> TeamHasActiveApiKeys:
    return TeamHasActiveApiKeys(message=refusal.message, active_api_keys=refusal.active_api_keys)


def _revision_conflict(refusal: errors.RevisionConflict) -> RevisionConflict:
    return RevisionConflict(
        message=refusal.message,
        team_row_id=refusal.team_id,
        expected_revision=refusal.expected_revision,
        current_revision=refusal.current_revision,
    )


def _model_not_available(refusal: errors.ModelNotAvailable) -> ModelNotAvailable:
    return ModelNotAvailable(
        message=refusal.message, model=refusal.model, available_models=list(refusal.available_models)
    )


Refused = TypeVar("Refused", bound=errors.Refusal)


class RefusalHandler(strawberry.ExceptionHandler[Refused, Any], Generic[Refused]):
    """Answers one of the domain's refusals with its member of the mutation's result union.

    The framework applies it only to mutations whose union has that member; elsewhere the refusal is a defect and ends
    as an internal error.
    """

    def __init__(
        self, exception_type: type[Refused], error_type: type[UserError], build: Callable[[Refused], UserError]
    ) -> None:
        self.exception_type = exception_type
        self.error_type = error_type
        self._build = build

    def handle(self, exception: Refused, *, field: StrawberryField, info: strawberry.Info) -> UserError:  # noqa: ARG002 - the framework's signature
        """Build the member of the union."""
        return self._build(exception)


REFUSAL_HANDLERS: list[RefusalHandler[Any]] = [
    RefusalHandler(errors.InvalidInput, InvalidInput, _invalid_input),
    RefusalHandler(errors.TeamNotFound, TeamNotFound, lambda refusal: TeamNotFound(message=refusal.message)),
    RefusalHandler(errors.ApiKeyNotFound, ApiKeyNotFound, lambda refusal: ApiKeyNotFound(message=refusal.message)),
    RefusalHandler(errors.SessionNotFound, SessionNotFound, lambda refusal: SessionNotFound(message=refusal.message)),
    RefusalHandler(errors.PlatformNameTaken, PlatformNameTaken, _platform_name_taken),
    RefusalHandler(errors.DisplayNameTaken, DisplayNameTaken, _display_name_taken),
    RefusalHandler(errors.TeamHasActiveApiKeys, TeamHasActiveApiKeys, _team_has_active_api_keys),
    RefusalHandler(errors.TeamInactive, TeamInactive, lambda refusal: TeamInactive(message=refusal.message)),
    RefusalHandler(errors.RevisionConflict, RevisionConflict, _revision_conflict),
    RefusalHandler(errors.ModelNotAvailable, ModelNotAvailable, _model_not_available),
    RefusalHandler(
        errors.ModelSwitchNotAllowed,
        ModelSwitchNotAllowed,
        lambda refusal: ModelSwitchNotAllowed(message=refusal.message),
    ),
    RefusalHandler(
        errors.SessionOwnedByAnotherKey,
        SessionOwnedByAnotherKey,
        lambda refusal: SessionOwnedByAnotherKey(message=refusal.message),
    ),
]
