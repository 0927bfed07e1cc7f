"""The configuration of platforms, whether or not a team bears their name."""

import enum
from typing import Annotated

import strawberry

from domain.config.overrides import NO_OVERRIDES
from domain.platform import PlatformType
from domain.text import NAME_MAXIMUM_LENGTH, NOT_IN_A_NAME, is_nameable, text_problems
from domain.viewer import require_platform, require_platform_type
from schema.config.effective_config import EffectiveConfig
from schema.context import Info
from schema.teams.team import Team, merged_config
from schema.user_input import BadUserInput


@strawberry.enum(description="How the configuration for a platform name was found.")
class ConfigLookup(enum.Enum):
    """How the configuration for a platform name was found."""

    TEAM = strawberry.enum_value("TEAM", description="A team bears this platform name.")
    PLATFORM_NAME = strawberry.enum_value(
        "PLATFORM_NAME",
        description="No team that the caller may see bears it: telegram (any case) is PUBLIC, any other name PRIVATE.",
    )


@strawberry.type(description="The configuration for a platform name, and how it was found.")
class PlatformConfigLookup:
    """The configuration for a platform name."""

    platform: str = strawberry.field(description="The platform name, as asked for.")
    found_by: ConfigLookup = strawberry.field(description="How the configuration was found.")
    team: Team | None = strawberry.field(description="The team that bears the name; null where none does.")
    config: EffectiveConfig = strawberry.field(description="What a runtime of this platform obeys.")


async def platform_config(
    info: Info,
    platform: Annotated[str, strawberry.argument(description="The platform name, of at most 255 characters.")],
) -> PlatformConfigLookup:
    """Find the configuration a runtime gets."""
    require_platform(info.context.viewer, platform)
    if not is_nameable(platform):
        # Before anything is made of text of any length.
        _require_name(platform)
    row = await info.context.loaders.team_by_platform_name.load(platform)
    team = None if row is None else Team.from_row(row)
    if team is None:
        _require_name(platform)
    return PlatformConfigLookup(
        platform=platform,
        found_by=ConfigLookup.PLATFORM_NAME if team is None else ConfigLookup.TEAM,
        team=team,
        config=EffectiveConfig.from_domain(merged_config(info, team, platform)),
    )


def _require_name(platform: str) -> None:
    """Refuse what neither a team nor anybody's session could ever bear. Names older than that rule are with teams."""
    for problem in text_problems(
        platform, (), label="`platform`", maximum_length=NAME_MAXIMUM_LENGTH, unwanted=NOT_IN_A_NAME
    ):
        raise BadUserInput(problem.message)


def platform_defaults(
    info: Info, platform_type: Annotated[PlatformType, strawberry.argument(description="The platform type.")]
) -> EffectiveConfig:
    """Show the defaults that a team of this type inherits."""
    require_platform_type(info.context.viewer, platform_type)
    return EffectiveConfig.from_domain(info.context.effective_config(platform_type, NO_OVERRIDES))
