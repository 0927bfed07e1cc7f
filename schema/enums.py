"""The domain's enumerations as GraphQL enums, with a description for every value."""

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry

from domain.admission import AdmissionReason
from domain.config.merge import ConfigSource
from domain.config.setting_types import ConfigViolationCode
from domain.config.settings_table import SETTINGS, Setting
from domain.errors import InputProblemCode
from domain.message import MessageRole
from domain.platform import PlatformType
from domain.viewer import ViewerKind

AnyEnum = TypeVar("AnyEnum", bound=enum.EnumMeta)


def describe(enumeration: AnyEnum, *, description: str, values: Mapping[str, str]) -> AnyEnum:
    """Make a GraphQL enum of an enumeration that cannot know of GraphQL. Every value has to be described."""
    strawberry.enum(enumeration, description=description)
    for value in enumeration.__strawberry_definition__.values:  # type: ignore[attr-defined] # set by the line above
        value.description = values[value.name]
    return enumeration


describe(
    PlatformType,
    description="What kind of platform a team runs. Each type has its own defaults.",
    values={
        "PUBLIC": "Open to everyone, such as a public Telegram bot. Users need no authentication.",
        "PRIVATE": "A customer's own integration. Users have to authenticate.",
    },
)
describe(
    ConfigSource,
    description="Which layer a value comes from.",
    values={
        "PLATFORM_DEFAULT": "The value is the platform type's default.",
        "TEAM_OVERRIDE": "The value is the team's override.",
        "DERIVED": "Neither layer's value could stand as it is, and a rule of the merger chose this one: the first "
        "available model where the default is not available, or the usable names of a damaged list.",
    },
)
describe(
    ConfigViolationCode,
    description="What is wrong with a stored setting.",
    values={
        "MODEL_NOT_AVAILABLE": "The team's default model is not one of the available models.",
        "EMPTY_MODEL_LIST": "The team's list of models is empty.",
        "VALUE_OUT_OF_RANGE": "The stored value breaks the bounds of its setting.",
    },
)
describe(
    InputProblemCode,
    description="What is wrong with a value of an input.",
    values={
        "REQUIRED": "The value is missing, or null where it has to be left out instead.",
        "TOO_SHORT": "Too few characters or entries.",
        "TOO_LONG": "Too many characters or entries.",
        "TOO_SMALL": "Below the lower bound.",
        "TOO_LARGE": "Above the upper bound.",
        "DUPLICATE": "Stands in the list already.",
        "NOT_ALLOWED": "Cannot be accepted as things are; the message says why and what to do.",
        "MALFORMED": "Holds characters that are not allowed there.",
    },
)
describe(
    MessageRole,
    description="Who wrote a message.",
    values={"USER": "The user.", "ASSISTANT": "The model, or whatever else is not the user."},
)
describe(
    AdmissionReason,
    description="Why a request is not admitted, and which limit a limit is.",
    values={
        "TEAM_INACTIVE": "The session's team was deactivated.",
        "KEY_EXPIRED": "The key that owns the session has expired or was revoked.",
        "DAILY_QUOTA": "The day's quota is used up.",
        "MONTHLY_QUOTA": "The month's quota is used up.",
        "MODEL_NOT_AVAILABLE": "The model is not one of the available models.",
        "RATE_LIMIT": "The session has made as many requests within the last minute as rateLimit allows.",
    },
)
describe(
    ViewerKind,
    description="The kinds of caller.",
    values={
        "ADMIN": "An operator: may do everything.",
        "SERVICE": "A bot of the platform itself: serves platforms that have no team.",
        "TEAM": "The holder of a team's API key: reads its own team, serves the sessions it opened.",
    },
)


@strawberry.enum(description="The direction of an order.")
class OrderDirection(enum.Enum):
    """The direction of an order."""

    ASC = strawberry.enum_value("ASC", description="Smallest, earliest or first in the alphabet first.")
    DESC = strawberry.enum_value("DESC", description="Largest, latest or last in the alphabet first.")


if TYPE_CHECKING:

    class ConfigSetting(enum.Enum):
        """A setting that a team may override; the value is the setting's name."""

else:
    # Made from the table, so that a new setting has its value without being listed again.
    ConfigSetting = describe(
        enum.Enum("ConfigSetting", {setting.name.upper(): setting.name for setting in SETTINGS}),
        description="A setting that a team may override. One value for each field of ConfigOverrides.",
        values={setting.name.upper(): setting.description for setting in SETTINGS},
    )


def config_setting(setting: Setting[Any]) -> ConfigSetting:
    """Give the enum's value for a setting of the table."""
    return ConfigSetting(setting.name)


def setting_of(value: ConfigSetting) -> Setting[Any]:
    """Give the table's setting for a value of the enum."""
    return next(setting for setting in SETTINGS if setting.name == value.value)
