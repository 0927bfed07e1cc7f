"""Operations over the real schema, drawn from a seeded source of chance: right ones for the most part."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import graphql

from tests.schema.document_limits.prepared_documents import built

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

BY_TYPE: dict[str, list[Any]] = {
    "Int": [0, 1, 2, 3, 3, 5, 20, -1, 2**31 - 1],
    "String": ["x", "telegram", "", "Ünï\u2028", "a" * 300],
    "Boolean": [True, False],
    "ID": ["nothing", "VGVhbTo5OTk5"],
    "DateTime": ["2026-01-01T00:00:00Z", "2020-02-30T00:00:00Z", "2099-01-01T00:00:00Z"],
    "BigInt": [0, 5],
    "Float": [0.0, 0.25, 3, -1.5],
}
ONE_OF = ("TeamBy", "SessionBy")
WRONG: list[Any] = [None, "text", 7, 1.5, True, [], {}, [1]]


class Sent(NamedTuple):
    """What is sent."""

    document: str
    variables: dict[str, Any]


@dataclass
class Writer:
    """Draws operations. `by_name` holds what arguments and inputs of a name are mostly given.

    `left_out` names fields that are never asked for.
    """

    random: Random
    by_name: Mapping[str, Sequence[Any]]
    left_out: frozenset[str] = frozenset()
    aliases: int = 0
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def operation(self, kind: str, roots: Sequence[str] = ()) -> Sent:
        """Write an operation; `roots` are fields that it has to have at its root."""
        self.aliases, self.fragments, self.variables = 0, {}, {}
        root = built().query_type if kind == "query" else built().mutation_type
        assert root is not None
        levels = self.random.randint(2, 5)
        given = [self.one_field(root, name, levels) for name in roots]
        text = _set(given) if given else self.selections(root, levels)
        declared = ", ".join(f"${name}: {of_type}" for name, (of_type, _) in self.variables.items())
        named = " ".join(f"fragment {name} on {on} {inner}" for name, (on, inner) in self.fragments.items())
        values = {name: value for name, (_, value) in self.variables.items() if value is not ...}
        return Sent(f"{kind} Made{f'({declared})' if declared else ''} {text} {named}".strip(), values)

    def chance(self, of_one: float) -> bool:
        """Say yes so often."""
        return self.random.random() < of_one

    def selections(self, parent: graphql.GraphQLNamedType, levels: int) -> str:
        """Write what is selected of a type, at most so many levels deep."""
        if isinstance(parent, graphql.GraphQLUnionType | graphql.GraphQLInterfaceType):
            possible = built().get_possible_types(parent)
            chosen = self.random.choices(possible, k=self.random.randint(1, 4))
            within = [f"... on {each.name}{self.condition()} {self.selections(each, levels)}" for each in chosen]
            shared = list(parent.fields) if isinstance(parent, graphql.GraphQLInterfaceType) else []
            if isinstance(parent, graphql.GraphQLUnionType) and self.chance(0.3):
                within.append("... on UserError { message }")
            return _set(["__typename", *shared, *within])
        assert isinstance(parent, graphql.GraphQLObjectType)
        known = [name for name, (on, _) in self.fragments.items() if on == parent.name]
        if known and self.chance(0.3):
            spread = self.random.choice(known)
            return f"{{ ...{spread}{self.condition()} ... on {parent.name} {{ ...{spread} }} }}"
        fields = {name: each for name, each in parent.fields.items() if name not in self.left_out}
        leaves = [name for name, each in fields.items() if graphql.is_leaf_type(graphql.get_named_type(each.type))]
        branches = [name for name in fields if name not in leaves] if levels > 1 else []
        chosen_names = self.random.choices([*leaves, *branches, *branches, "__typename"], k=self.random.randint(1, 5))
        text = _set([self.one_field(parent, name, levels) for name in chosen_names])
        if self.chance(0.8) or parent.name in ("Query", "Mutation"):
            return text
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (parent.name, text)
        return f"{{ ...{name} }}"

    def one_field(self, parent: graphql.GraphQLObjectType, name: str, levels: int) -> str:
        """Write a field with what is selected of it."""
        if name == "__typename":
            return f"{self.random.choice(['', 't: '])}__typename{self.condition()}"
        definition = parent.fields[name]
        inner = graphql.get_named_type(definition.type)
        given = self.arguments(definition.args)
        if graphql.is_leaf_type(inner):
            # A second time without a name of its own, it is merged.
            return f"{name}{given}{self.condition()}"
        # Some have no name of their own, and are merged.
        self.aliases += 1
        alias = "" if not given and self.chance(0.6) else f"a{self.aliases}: "
        return f"{alias}{name}{given}{self.condition()} {self.selections(inner, levels - 1)}"

    def condition(self) -> str:
        """Write a condition, or none."""
        if not self.chance(0.1):
            return ""
        asked = self.random.choice(["true", "false", ""]) or self.variable("Boolean!", self.chance(0.5))
        return f" @{self.random.choice(['skip', 'include'])}(if: {asked})"

    def variable(self, of_type: str, value: Any) -> str:
        """Declare a variable; `...` stands for one that is not given."""
        name = f"v{len(self.variables)}"
        self.variables[name] = (of_type, value)
        return f"${name}"

    def arguments(self, arguments: Mapping[str, graphql.GraphQLArgument]) -> str:
        """Write arguments: those that there have to be, and some others."""
        written = []
        for name, argument in arguments.items():
            if not (graphql.is_required_argument(argument) or self.chance(0.35)):
                continue
            value = self.value(name, argument.type)
            if self.chance(0.3):
                written.append(f"{name}: {self.variable(str(argument.type), value)}")
            else:
                written.append(f"{name}: {self.literal(value, argument.type)}")
        return f"({', '.join(written)})" if written else ""

    def value(self, name: str, of_type: Any) -> Any:
        """Draw a value of an input, as JSON."""
        if self.chance(0.005):
            return self.random.choice(WRONG)
        if not graphql.is_non_null_type(of_type) and self.chance(0.05):
            return None
        nullable = graphql.get_nullable_type(of_type)
        if isinstance(nullable, graphql.GraphQLList):
            return [self.value(name, nullable.of_type) for _ in range(self.random.randint(0, 4))]
        if isinstance(nullable, graphql.GraphQLInputObjectType):
            return self.input(nullable)
        if isinstance(nullable, graphql.GraphQLEnumType):
            return self.random.choice(list(nullable.values))
        mostly = self.by_name.get(name)
        return self.random.choice(list(mostly) if mostly and self.chance(0.9) else BY_TYPE[nullable.name])

    def input(self, of_type: graphql.GraphQLInputObjectType) -> dict[str, Any]:
        """Draw an input."""
        fields = list(of_type.fields.items())
        if of_type.name in ONE_OF:
            name, _ = self.random.choice(fields)
            return {name: self.value(name, graphql.GraphQLNonNull(of_type.fields[name].type))}
        return {
            name: self.value(name, each.type)
            for name, each in fields
            if graphql.is_required_input_field(each) or self.chance(0.4)
        }

    def literal(self, value: Any, of_type: Any) -> str:
        """Write a value as a literal of the language."""
        nullable = graphql.get_nullable_type(of_type)
        if isinstance(value, list):
            inner = nullable.of_type if isinstance(nullable, graphql.GraphQLList) else nullable
            return f"[{', '.join(self.literal(each, inner) for each in value)}]"
        if isinstance(value, dict):
            fields = nullable.fields if isinstance(nullable, graphql.GraphQLInputObjectType) else {}
            within = [f"{name}: {self.literal(each, fields[name].type)}" for name, each in value.items()]
            return f"{{{', '.join(within)}}}"
        named = graphql.get_named_type(of_type)
        if isinstance(named, graphql.GraphQLEnumType) and isinstance(value, str) and value in named.values:
            return value
        return json.dumps(value)


def _set(selections: list[str]) -> str:
    return "{ " + " ".join(selections) + " }"
