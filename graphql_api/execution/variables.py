"""The variables of an operation: types and defaults are worked out once, values coerced for each request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import is_non_null_type
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.pyutils import Undefined

from graphql_api.execution.input_literals import literal
from graphql_api.execution.input_values import InputValues, LeftToTheLibrary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from graphql import GraphQLError, GraphQLSchema, VariableDefinitionNode

DEPTH_MAXIMUM = 100
"""How deep values may be that the library does not look at: it refuses what is deeper than 200."""

_FAULTS_MAXIMUM = 50
"""After how many faults the library stops: as many as it lists itself."""


class _Variable(NamedTuple):
    """What is known of a variable; `left_out` is its source where it has no value, `default` then gives one."""

    name: str
    signature: GraphQLVariableSignature
    coerce: Callable[[Any], Any]
    left_out: VariableValueSource
    default: Callable[[VariableValues | None], Any] | None
    is_required: bool


class Variables:
    """Coerces the values of an operation's variables."""

    def __init__(
        self, schema: GraphQLSchema, definitions: Collection[VariableDefinitionNode], input_values: InputValues
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._known: list[_Variable] | None
        try:
            self._known = [_variable(schema, definition, input_values) for definition in definitions]
        except Exception:  # noqa: BLE001 - whatever it is: the library comes to it where it matters
            self._known = None

    def coerced(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """Coerce the values that are given by name: what comes of it, or what is wrong with them."""
        if self._known is not None and (values := _coerced(self._known, given)) is not None:
            return values
        return get_variable_values(self._schema, self._definitions, given, max_errors=_FAULTS_MAXIMUM)


def _variable(schema: GraphQLSchema, definition: VariableDefinitionNode, input_values: InputValues) -> _Variable:
    signature = get_variable_signature(schema, definition)
    if not isinstance(signature, GraphQLVariableSignature):
        raise LeftToTheLibrary
    coercion = input_values.coercion(signature.type)
    if coercion.depth > DEPTH_MAXIMUM:
        raise LeftToTheLibrary
    default = None if definition.default_value is None else literal(definition.default_value, signature.type)
    return _Variable(
        signature.name,
        signature,
        coercion.coerce,
        VariableValueSource(signature),
        default,
        is_required=default is None and is_non_null_type(signature.type),
    )


def _coerced(variables: Collection[_Variable], given: dict[str, Any]) -> VariableValues | None:
    """Coerce what is as the types say; None where anything is not."""
    sources = {}
    coerced = {}
    try:
        for name, signature, coerce, left_out, default, is_required in variables:
            value = given.get(name, Undefined)
            if value is not Undefined:
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = coerce(value)
            elif is_required:
                return None
            else:
                sources[name] = left_out
                if default is not None:
                    coerced[name] = default(None)
    except Exception:  # noqa: BLE001 - whatever it is: the library comes to the same, or to what is wrong
        return None
    return VariableValues(sources, coerced)
