"""Every place of the schema that takes a value, found by walking it, and a call to put a value there."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import graphql

from tests.schema.documents import public_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMA = public_schema()
PLACEHOLDER = "the value goes here"
_DEEPER = {"problems": "{ path code message }", "admission": "{ reasons }"}


@dataclass(frozen=True)
class Place:
    """A value of an argument: the field, and the path to the value from the argument on, `0` for an entry of a list."""

    type_name: str
    field: str
    path: tuple[str, ...]
    scalar: str

    def __str__(self) -> str:
        return f"{self.type_name}.{self.field}({'.'.join(self.path)})"

    @property
    def definition(self) -> graphql.GraphQLField:
        parent = SCHEMA.type_map[self.type_name]
        assert isinstance(parent, graphql.GraphQLObjectType)
        definition: graphql.GraphQLField = parent.fields[self.field]
        return definition


def places(*scalars: str) -> Iterator[Place]:
    """Walk over the arguments of every field, into input objects and lists, to the scalars and enums of these names."""
    for parent in SCHEMA.type_map.values():
        if isinstance(parent, graphql.GraphQLObjectType) and not graphql.is_introspection_type(parent):
            for field, definition in parent.fields.items():
                for name, argument in definition.args.items():
                    for path, scalar in _leaves(argument.type, (name,)):
                        if scalar in scalars:
                            yield Place(parent.name, field, path, scalar)


def _leaves(kind: graphql.GraphQLType, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(kind, graphql.GraphQLNonNull):
        yield from _leaves(kind.of_type, path)
    elif isinstance(kind, graphql.GraphQLList):
        yield from _leaves(kind.of_type, (*path, "0"))
    elif isinstance(kind, graphql.GraphQLInputObjectType):
        for name, field in kind.fields.items():
            yield from _leaves(field.type, (*path, name))
    else:
        assert isinstance(kind, graphql.GraphQLNamedType)
        yield path, kind.name


def selection(kind: graphql.GraphQLOutputType) -> str:
    """Select what tells what came of a call: of a result all that refusals hold, of anything else a field or two."""
    named = graphql.get_named_type(kind)
    if not isinstance(named, graphql.GraphQLUnionType):
        fields = named.fields if isinstance(named, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType) else {}
        wanted = next((name for name in ("id", "totalCount", "foundBy", "reasons", "requests") if name in fields), "")
        return f"{{ __typename {wanted} }}"
    parts = ["__typename"]
    for member in named.types:
        shown = [
            f"{name} {_DEEPER.get(name, '')}"
            for name, field in member.fields.items()
            if name in _DEEPER or graphql.is_leaf_type(graphql.get_named_type(field.type))
        ]
        # An alias of its own for each: two members may have a field of one name and different types.
        shown = [f"{member.name}_{name.split()[0]}: {name}" for name in shown] or ["__typename"]
        parts.append(f"... on {member.name} {{ {' '.join(shown)} }}")
    return f"{{ {' '.join(parts)} }}"


@dataclass(frozen=True)
class Call:
    """How a field is asked for: arguments that work, and for a field that lies deeper, the way to it."""

    arguments: Mapping[str, Any]
    around: str = "%s"


def _put(arguments: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Put a value at its place. Of a oneOf object, the value's own field is all that is left."""
    changed: dict[str, Any] = copy.deepcopy(dict(arguments))
    if path[0] == "by":
        changed["by"] = {path[1]: changed.get("by", {}).get(path[1], {})}
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[int(step)] if isinstance(inner, list) else inner.setdefault(step, {})
    if isinstance(inner, list):
        inner[int(path[-1])] = value
    else:
        inner[path[-1]] = value
    return changed


def body_with_variables(place: Place, call: Call, value: Any, raw: str | None = None) -> bytes:
    """Write a request with the value in the variables, or in its place the text `raw`, which need not be JSON."""
    return _body_with_variables(place, call, value, raw, f"it: %s {selection(place.definition.type)}")


def body_that_repeats(place: Place, call: Call, text: str, times: int) -> bytes:
    """Write a request whose field is asked for under as many aliases, all with the same text from one variable."""
    fields = " ".join(f"a{number}: %s {{ __typename }}" for number in range(times))
    return _body_with_variables(place, call, text, None, fields)


def _body_with_variables(place: Place, call: Call, value: Any, raw: str | None, fields: str) -> bytes:
    arguments = _put(call.arguments, place.path, value if raw is None else PLACEHOLDER)
    types = {name: argument.type for name, argument in place.definition.args.items()}
    declared = ", ".join(f"${name}: {types[name]}" for name in arguments)
    given = ", ".join(f"{name}: ${name}" for name in arguments)
    document = _document(place, call, fields.replace("%s", f"{place.field}({given})"), f"({declared})")
    body = json.dumps({"query": document, "variables": arguments})
    return (body if raw is None else body.replace(json.dumps(PLACEHOLDER), raw)).encode()


def body_with_literals(place: Place, call: Call, literal: str) -> bytes:
    """Write a request with the value in the document, as a literal."""
    arguments = _put(call.arguments, place.path, PLACEHOLDER)
    types = {name: argument.type for name, argument in place.definition.args.items()}
    given = ", ".join(f"{name}: {_literal(value, types[name])}" for name, value in arguments.items())
    field = f"it: {place.field}({given}) {selection(place.definition.type)}"
    document = _document(place, call, field, "").replace(f'"{PLACEHOLDER}"', literal)
    return json.dumps({"query": document}).encode()


def _document(place: Place, call: Call, fields: str, declared: str) -> str:
    operation = "mutation" if place.type_name == "Mutation" else "query"
    return f"{operation}{declared} {{ {call.around % fields} }}"


def _literal(value: Any, kind: graphql.GraphQLType) -> str:
    """Write a value as a literal of its type; names of enums have no quotes."""
    if isinstance(kind, graphql.GraphQLNonNull):
        return _literal(value, kind.of_type)
    if isinstance(kind, graphql.GraphQLList):
        return f"[{', '.join(_literal(entry, kind.of_type) for entry in value)}]"
    if isinstance(kind, graphql.GraphQLInputObjectType):
        fields = (f"{name}: {_literal(entry, kind.fields[name].type)}" for name, entry in value.items())
        return f"{{{', '.join(fields)}}}"
    if isinstance(kind, graphql.GraphQLEnumType) and value != PLACEHOLDER:
        return str(value)
    return json.dumps(value)
