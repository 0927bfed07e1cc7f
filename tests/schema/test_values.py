"""Types whose objects may be shared, and whose answers may be kept: they hold all that is answered of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLObjectType, get_named_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

from domain.config.defaults import platform_defaults
from domain.config.merge import merge
from domain.config.overrides import ConfigOverrides
from domain.config.settings_table import RATE_LIMIT
from domain.platform import PlatformType
from schema import values
from schema.build import build_schema
from schema.config.effective_config import EffectiveConfig
from schema.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = build_schema()._schema.type_map  # noqa: SLF001 - the framework has no public name for it


def framework_definition(element: Any) -> Any:
    return element.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]


def value_types() -> list[str]:
    return [
        name
        for name, found in TYPES.items()
        if isinstance(found, GraphQLObjectType)
        and not name.startswith("__")
        and getattr(framework_definition(found).origin, "IS_VALUE", False)
    ]


def reached_from(name: str) -> Iterator[str]:
    waiting, seen = [name], {name}
    while waiting:
        found = TYPES[waiting.pop()]
        assert isinstance(found, GraphQLObjectType), "of an interface it is not known what there is in it"
        yield found.name
        composite = {
            named.name
            for named in (get_named_type(each.type) for each in found.fields.values())
            if hasattr(named, "fields") or hasattr(named, "types")
        }
        waiting += sorted(composite - seen)
        seen |= composite


def test_configurations_are_values() -> None:
    assert set(value_types()) == {"ConfigOverrides", "EffectiveConfig"}


@pytest.mark.parametrize("name", value_types())
def test_a_value_holds_all_that_is_answered_of_it(name: str) -> None:
    """Else what was answered to one caller would be answered to another, or after it changed."""
    for reached in reached_from(name):
        fields: dict[str, Any] = getattr(TYPES[reached], "fields", {})
        assert fields, reached
        for field_name, field in fields.items():
            assert not field.args, (reached, field_name)
            definition = framework_definition(field)
            assert not definition.is_async, (reached, field_name)
            resolver = definition.base_resolver
            assert resolver is None or resolver.info_parameter is None, (reached, field_name)


def test_equal_configurations_are_one_object_and_others_are_not() -> None:
    """A team that has what another has costs nothing to answer."""
    shown = [
        EffectiveConfig.from_domain(merge(platform_defaults(PlatformType.PUBLIC), ConfigOverrides.of(overrides)))
        for overrides in ({RATE_LIMIT: 5}, {RATE_LIMIT: 5}, {RATE_LIMIT: 6}, {RATE_LIMIT: 1}, {RATE_LIMIT: True})
    ]
    assert shown[0] is shown[1]
    assert len({id(each) for each in shown}) == 4


def test_no_more_than_some_are_kept() -> None:
    made: Values[float, list[float]] = Values(lambda source: [source])
    for number in range(values.VALUES_MAXIMUM * 3):
        assert made.of(float(number)) == [number]
    assert len(made._made) <= values.VALUES_MAXIMUM  # noqa: SLF001 - nobody else has to know
