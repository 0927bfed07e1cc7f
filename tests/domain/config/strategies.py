"""What may come into the merger: any defaults, any overrides that may stand, and anything that a row may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from domain.config.defaults import PlatformDefaults, platform_defaults
from domain.config.overrides import ConfigOverrides
from domain.config.setting_types import BooleanType, IntegerType, NameListType, NameType
from domain.config.settings_table import AVAILABLE_MODELS, DEFAULT_MODEL, SETTINGS, Setting
from domain.platform import PlatformType

if TYPE_CHECKING:
    from collections.abc import Mapping

# Few names, so that layers agree and contradict one another often.
names = st.sampled_from(("a", "b", "openai/gpt-4", "anthropic/claude-sonnet-4", "m" * 255))
long_lists = st.integers(99, 300).map(lambda length: [f"model-{number}" for number in range(length)])

any_character = st.characters(exclude_categories=())
"""Every code point; Hypothesis leaves lone surrogates out unless told."""

any_text = st.text(any_character)

junk = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | names | st.just("m" * 256),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def valid_values(setting: Setting[Any]) -> st.SearchStrategy[Any]:
    """Draw a value within the setting's bounds; a new setting of a known type needs nothing here."""
    match setting.type:
        case IntegerType(minimum=minimum, maximum=maximum):
            return st.integers(minimum, maximum)
        case BooleanType():
            return st.booleans()
        case NameType():
            return names
        case NameListType():
            return st.lists(names, min_size=1, unique=True).map(tuple)
        case unknown:
            raise TypeError(f"say here what a valid value of {unknown} is")


platform_types = st.sampled_from(PlatformType)


@st.composite
def defaults(draw: st.DrawFn) -> PlatformDefaults:
    """Draw any defaults that a deployment may configure."""
    values = {setting: draw(valid_values(setting)) for setting in SETTINGS}
    values[DEFAULT_MODEL] = draw(st.sampled_from(values[AVAILABLE_MODELS]))
    return platform_defaults(draw(platform_types), values)


stored_overrides = st.fixed_dictionaries(
    {setting: st.none() | valid_values(setting) | junk | st.lists(names | junk) | long_lists for setting in SETTINGS}
).map(ConfigOverrides.of)
"""Whatever a row may hold, however old and however broken."""


@st.composite
def consistent_values(draw: st.DrawFn, defaults: PlatformDefaults) -> Mapping[Setting[Any], Any]:
    """Draw overrides that can all stand over these defaults, by setting."""
    overridden = draw(st.sets(st.sampled_from(SETTINGS)))
    values = {setting: draw(valid_values(setting)) for setting in SETTINGS if setting in overridden}
    if DEFAULT_MODEL in values:
        values[DEFAULT_MODEL] = draw(st.sampled_from(values.get(AVAILABLE_MODELS, defaults[AVAILABLE_MODELS])))
    return values
