"""The errors of the domain, as one tree.

    PlatformConfigError
    ├── Forbidden                     the caller may not do this at all
    ├── InvalidDefaults               platform defaults that break their own bounds
    └── Refusal                       the caller can act on it; nothing was changed
        ├── InvalidInput              carries every problem found, with its path
        ├── TeamNotFound
        ├── ApiKeyNotFound
        ├── SessionNotFound
        ├── PlatformNameTaken
        ├── DisplayNameTaken
        ├── TeamHasActiveApiKeys
        ├── TeamInactive
        ├── RevisionConflict
        ├── ModelNotAvailable
        ├── ModelSwitchNotAllowed
        └── SessionOwnedByAnotherKey

Errors state facts in their attributes; the message is for people and is never parsed.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.echo import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODEL_MAXIMUM_LENGTH = 255
_LIST_MAXIMUM_LENGTH = 400


class PlatformConfigError(Exception):
    """Base of everything that the domain raises."""


class Forbidden(PlatformConfigError):
    """The caller is known and may not do this, whatever it names."""


class InvalidDefaults(PlatformConfigError):
    """Platform defaults that break their bounds or contradict one another."""


class Refusal(PlatformConfigError):
    """A refusal that the caller can act on. Nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputProblemCode(enum.Enum):
    """What is wrong with one value of an input."""

    REQUIRED = "REQUIRED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_SMALL = "TOO_SMALL"
    TOO_LARGE = "TOO_LARGE"
    DUPLICATE = "DUPLICATE"
    NOT_ALLOWED = "NOT_ALLOWED"
    MALFORMED = "MALFORMED"


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One problem: where it is, what it is, and a sentence that names the bound.

    `path` runs from the input's root in the names of the public schema, list positions as digits.
    """

    path: tuple[str, ...]
    code: InputProblemCode
    message: str

    def below(self, *prefix: str) -> InputProblem:
        """Give the same problem seen from a root that lies further up."""
        return InputProblem((*prefix, *self.path), self.code, self.message)


class InvalidInput(Refusal):
    """Input that breaks one bound or more; all of them are in `problems`."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))


class TeamNotFound(Refusal):
    """No such team, or not for this caller: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__("There is no team with this id.")


class ApiKeyNotFound(Refusal):
    """No such API key, or not for this caller."""

    def __init__(self) -> None:
        super().__init__("There is no API key with this id.")


class SessionNotFound(Refusal):
    """No such session, or not one that this caller serves."""

    def __init__(self) -> None:
        super().__init__("There is no session with this id that this key may serve.")


class PlatformNameTaken(Refusal):
    """Another team bears the platform name."""

    def __init__(self, platform_name: str) -> None:
        super().__init__(
            f'The platform name "{shortened(platform_name)}" belongs to another team; choose a different one.'
        )
        self.platform_name = platform_name


class DisplayNameTaken(Refusal):
    """Another team bears the display name."""

    def __init__(self, display_name: str) -> None:
        super().__init__(
            f'The display name "{shortened(display_name)}" belongs to another team; choose a different one.'
        )
        self.display_name = display_name


class TeamHasActiveApiKeys(Refusal):
    """A team is not deleted while its keys work, unless forced."""

    def __init__(self, active_api_keys: int) -> None:
        keys = "1 active API key" if active_api_keys == 1 else f"{active_api_keys} active API keys"
        super().__init__(f"The team still has {keys}. Revoke them first, or delete with force: true.")
        self.active_api_keys = active_api_keys


class TeamInactive(Refusal):
    """The team was deactivated: no session is opened for it."""

    def __init__(self) -> None:
        super().__init__("The team is inactive. Activate it with updateTeam before its sessions are opened.")


class RevisionConflict(Refusal):
    """The team changed since the caller read it."""

    def __init__(self, *, team_id: int, expected_revision: int, current_revision: int) -> None:
        super().__init__(
            f"The team is at revision {current_revision}, not {expected_revision}: "
            "it changed since it was read. Read it again and repeat the change."
        )
        self.team_id = team_id
        self.expected_revision = expected_revision
        self.current_revision = current_revision


class ModelNotAvailable(Refusal):
    """The model named is not among the models that would be available. One that is longer than any is not repeated."""

    def __init__(self, *, model: str, available_models: tuple[str, ...]) -> None:
        super().__init__(
            f'The model "{shortened(model)}" is not one of the available models: '
            f"{shortened(', '.join(available_models), _LIST_MAXIMUM_LENGTH)}."
        )
        self.model = model if len(model) <= _MODEL_MAXIMUM_LENGTH else shortened(model)
        self.available_models = available_models


class ModelSwitchNotAllowed(Refusal):
    """The configuration of the session lets nobody change its model."""

    def __init__(self) -> None:
        super().__init__("The configuration does not allow switching models (allowModelSwitch is false).")


class SessionOwnedByAnotherKey(Refusal):
    """Another key of the same team opened the session, and owns it.

    The caller is told no more than that. The prefixes are for the log of the service.
    """

    def __init__(self, *, caller_prefix: str, owner_prefix: str) -> None:
        super().__init__("Another API key of the team opened this session, and only that key may serve it.")
        self.caller_prefix = caller_prefix
        self.owner_prefix = owner_prefix
