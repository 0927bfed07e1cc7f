"""Every list of the schema has a price: at the size that is said, and at its largest where none is."""

from __future__ import annotations

import graphql
import pytest
import strawberry

from domain.config.settings_table import HISTORY_MAXIMUM, SETTINGS
from schema.cost_directives import ListSize
from schema.documents.limits import DocumentLimits
from schema.documents.prepared import Documents
from tests.schema.document_limits.prepared_documents import built, cost


@strawberry.type
class Named:
    name: str = ""


@strawberry.type
class Entries:
    nodes: list[Named] = strawberry.field(default_factory=list)


@strawberry.type
class Holder:
    entries: Entries


@strawberry.type
class Reaching:
    """Reaches one connection with a size, without one, and in a list of another."""

    sized: Entries = strawberry.field(directives=[ListSize(assumed_size=7, sized_fields=["nodes"])])
    unsized: Entries
    holders: list[Holder] = strawberry.field(directives=[ListSize(assumed_size=3)])


def test_a_connection_that_a_field_reaches_without_a_size_is_priced_at_the_largest_page() -> None:
    """Else what is in its entries would cost nothing at all."""
    schema = strawberry.Schema(Reaching)._schema  # noqa: SLF001 - the framework has no other way to it
    prepared = Documents(schema, DocumentLimits())

    def price(document: str) -> int:
        (operation,) = prepared.prepare(document).operations
        return operation.cost({})

    assert price("{ sized { nodes { name } } }") == 2 + 7 * 2
    assert price("{ unsized { nodes { name } } }") == 2 + 100 * 2
    assert price("{ unsized { nodes { name } again: nodes { name } } }") == 3 + 200 * 2
    assert price("{ holders { entries { nodes { name } } } }") == 1 + 3 * (1 + 2 + 100 * 2)


SHORT_LISTS = {"EffectiveConfig.commands", "Admission.reasons", "InputProblem.path"}
"""The lists of plain values that have less than ten entries, whatever anybody sends."""


def lists(*, of_objects: bool) -> list[str]:
    """Name every field that is a list of what has fields, or of what has none, as type and field."""
    named = []
    for type_name, of_type in built().type_map.items():
        if isinstance(of_type, graphql.GraphQLObjectType) and not type_name.startswith("__"):
            for field_name, field in of_type.fields.items():
                inner = graphql.get_nullable_type(field.type)
                composite = graphql.is_composite_type(graphql.get_named_type(inner))
                if isinstance(inner, graphql.GraphQLList) and composite is of_objects:
                    named.append(f"{type_name}.{field_name}")
    return named


def test_a_history_is_priced_at_the_longest_that_a_team_may_keep() -> None:
    (setting,) = (setting for setting in SETTINGS if setting.name == "max_history")
    assert not setting.type.problems(HISTORY_MAXIMUM, (), label="")
    assert setting.type.problems(HISTORY_MAXIMUM + 1, (), label="")
    field = '{ node(id: "x") { ... on Session { history { id } } } }'
    assert cost(field) == 1 + 5 + HISTORY_MAXIMUM * 2


def test_violations_are_priced_at_one_for_each_setting() -> None:
    assert cost("{ platformDefaults(platformType: PUBLIC) { violations { code } } }") == 1 + 1 + len(SETTINGS) * 2


@pytest.mark.parametrize("name", lists(of_objects=True))
def test_every_list_of_objects_has_a_size(name: str) -> None:
    """Else what is selected in it would be paid for once, however long it is."""
    costs = Documents(built(), DocumentLimits())._field_costs  # noqa: SLF001 - what the directives came to
    priced = costs.of(*name.split("."))
    assert priced.is_sized_by_parent or (priced.size is not None and not priced.sizes_fields)


def test_every_list_of_plain_values_that_may_be_long_weighs_more_than_a_field() -> None:
    """Its entries are no fields, but are worked on all the same: some ten of them like one field."""
    costs = Documents(built(), DocumentLimits())._field_costs  # noqa: SLF001 - what the directives came to
    weights = {name: costs.of(*name.split(".")).weight for name in lists(of_objects=False)}
    assert weights.keys() > SHORT_LISTS
    assert {name for name, weight in weights.items() if weight < 10} == SHORT_LISTS
