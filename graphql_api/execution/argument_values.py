"""The arguments of a field with the values of variables in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql_api.execution.input_literals import filled, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLField
    from graphql.execution.collect_fields import FieldDetails
    from graphql.execution.values import VariableValues


def argument_values(
    definition: GraphQLField, details: FieldDetails
) -> Callable[[VariableValues], dict[str, Any] | None] | None:
    """Give what coerces a field's arguments once variables have values; None where the library always has to.

    What that gives is None where the library has to for these values.
    """
    if details.fragment_variable_values is not None:
        return None
    try:
        parts = filled(definition.args, {each.name.value: each.value for each in details.node.arguments or ()})
    except Exception:  # noqa: BLE001 - whatever it is: the library comes to it when the field is executed
        return None

    def coerced(values: VariableValues) -> dict[str, Any] | None:
        try:
            return values_of(parts, values)
        except Exception:  # noqa: BLE001 - whatever it is: the library comes to the same, or to what is wrong
            return None

    return coerced
