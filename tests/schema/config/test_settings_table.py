"""Every setting of the table is found everywhere that it has to be; what was forgotten is named."""

from __future__ import annotations

import typing
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
)
from sqlalchemy import JSON, Boolean, Integer, String

from db.models import Team
from domain.config.setting_types import BooleanType, IntegerType, NameListType, NameType
from domain.config.settings_table import SETTINGS, Setting
from domain.platform import PlatformType
from domain.text import public_name
from graphql_api.settings import SettingsWithDefaults
from schema.build import build_schema
from schema.config.overrides import ConfigOverridesInput
from tests.schema.teams.rows import rows

SCHEMA = build_schema()._schema  # noqa: SLF001 - the framework has no public name for it
GRAPHQL_TYPES = {IntegerType: "Int", BooleanType: "Boolean", NameType: "String", NameListType: "[String!]"}
PYTHON_TYPES: dict[type, Any] = {IntegerType: int, BooleanType: bool, NameType: str, NameListType: list[str]}
COLUMN_TYPES = {IntegerType: Integer, BooleanType: Boolean, NameType: String, NameListType: JSON}

each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)


def fields(type_name: str) -> dict[str, Any]:
    kind = SCHEMA.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
    return dict(kind.fields)


def named(setting: Setting[Any], kinds: dict[type, Any]) -> Any:
    """Give what stands for a setting's type."""
    assert type(setting.type) in kinds, f"{setting.name} has a new type: say here what stands for it"
    return kinds[type(setting.type)]


@each_setting
def test_a_setting_has_its_column(setting: Setting[Any]) -> None:
    column = Team.__table__.columns.get(setting.name)
    assert column is not None, f"db.models.Team lacks the column {setting.name}"
    assert column.nullable, f"teams.{setting.name} has to be nullable: null is 'not overridden'"
    assert column.default is None, f"teams.{setting.name} must not have a default"
    assert column.server_default is None, f"teams.{setting.name} must not have a default"
    assert (column.comment or "").startswith("Override: "), f"teams.{setting.name} needs a comment"
    stored = getattr(column.type, "impl", column.type)
    assert isinstance(stored, named(setting, COLUMN_TYPES)), f"teams.{setting.name} has the wrong type"


def test_every_setting_has_its_column_in_a_migrated_database(database: str) -> None:
    columns = {
        row["attname"]: row
        for row in rows(
            database,
            "SELECT attname, attnotnull, atthasdef, col_description(attrelid, attnum) AS comment"
            " FROM pg_attribute WHERE attrelid = 'teams'::regclass AND attnum > 0",
        )
    }
    forgotten = [setting.name for setting in SETTINGS if setting.name not in columns]
    assert forgotten == [], "these need a migration"
    for setting in SETTINGS:
        column = columns[setting.name]
        assert (column["attnotnull"], column["atthasdef"]) == (False, False), setting.name
        assert column["comment"] == Team.__table__.columns[setting.name].comment


@each_setting
def test_a_setting_is_a_field_of_the_effective_configuration(setting: Setting[Any]) -> None:
    field = fields("EffectiveConfig").get(public_name(setting.effective_name))
    assert field is not None, f"EffectiveConfig lacks {setting.effective_name}"
    assert str(field.type) == f"{named(setting, GRAPHQL_TYPES)}!"
    assert field.description


@each_setting
def test_a_setting_is_a_nullable_field_of_the_overrides(setting: Setting[Any]) -> None:
    field = fields("ConfigOverrides").get(setting.public_name)
    assert field is not None, f"ConfigOverrides lacks {setting.public_name}"
    assert str(field.type) == named(setting, GRAPHQL_TYPES)
    assert field.description


@each_setting
def test_a_setting_is_a_field_of_the_input_that_tells_absent_from_null(setting: Setting[Any]) -> None:
    field = fields("ConfigOverridesInput").get(setting.public_name)
    assert field is not None, f"ConfigOverridesInput lacks {setting.public_name}"
    assert str(field.type) == named(setting, GRAPHQL_TYPES)
    assert field.description
    annotation = typing.get_type_hints(ConfigOverridesInput)[setting.name]
    expected = strawberry.Maybe[named(setting, PYTHON_TYPES) | None]  # type: ignore[misc, valid-type] # made for the comparison
    assert annotation == expected, f"ConfigOverridesInput.{setting.name} has to be {expected}"


def test_nothing_but_settings_can_be_overridden() -> None:
    names = [setting.public_name for setting in SETTINGS]
    assert list(fields("ConfigOverrides")) == names
    assert list(fields("ConfigOverridesInput")) == names


def test_the_enum_lists_the_settings_in_their_order_with_descriptions() -> None:
    kind = SCHEMA.type_map["ConfigSetting"]
    assert isinstance(kind, GraphQLEnumType)
    assert list(kind.values) == [setting.name.upper() for setting in SETTINGS]
    assert [value.description for value in kind.values.values()] == [setting.description for setting in SETTINGS]


@each_setting
@pytest.mark.parametrize("platform_type", PlatformType, ids=lambda platform_type: platform_type.name)
def test_a_default_can_be_configured(setting: Setting[Any], platform_type: PlatformType) -> None:
    default = setting.defaults[platform_type]
    if default.variable is None:
        return
    field = SettingsWithDefaults.model_fields.get(default.variable.lower())
    assert field is not None, f"the settings lack {default.variable}"
    assert field.default == default.value


def test_a_name_stands_for_one_setting() -> None:
    for names in (
        [setting.name for setting in SETTINGS],
        [setting.effective_name for setting in SETTINGS],
        [default.variable for setting in SETTINGS for default in setting.defaults.values() if default.variable],
    ):
        assert len(set(names)) == len(names)


@each_setting
def test_a_setting_is_described_and_has_a_valid_default_for_each_type(setting: Setting[Any]) -> None:
    assert setting.description.endswith(".")
    assert set(setting.defaults) == set(PlatformType)
    for default in setting.defaults.values():
        assert setting.type.problems(default.value, (), setting.name) == []
