"""Documents over the real schema, with fragments that are spread again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import graphql
from hypothesis import strategies as st

from tests.schema.document_limits.prepared_documents import built

# What the arguments that have to be given are given; the ids are those of rows that populate() makes.
ARGUMENTS = {
    ("Query", "node"): ["(id: $team)", "(id: $session)", '(id: "nothing")'],
    ("Query", "nodes"): ["(ids: [$team, $session])", "(ids: [])"],
    ("Query", "team"): ["(by: {id: $team})"],
    ("Query", "session"): ["(by: {id: $session})"],
    ("Query", "platformConfig"): ['(platform: "x")'],
    ("Query", "platformDefaults"): ["(platformType: PUBLIC)"],
    ("Query", "admission"): ["(sessionId: $session)"],
    ("__Type", "fields"): ["", "(includeDeprecated: true)"],
    ("__Type", "inputFields"): ["", "(includeDeprecated: true)"],
    ("__Type", "enumValues"): ["", "(includeDeprecated: true)"],
    ("__Field", "args"): ["", "(includeDeprecated: true)"],
    ("__Directive", "args"): ["", "(includeDeprecated: true)"],
}
PAGES = ["", "(first: 0)", "(first: 1)", "(first: 3)", "(first: 100)", "(first: $size)"]
VARIABLES = "query($team: ID!, $session: ID!, $size: Int = 2) "


@dataclass
class Writer:
    """Writes one document, choice by choice."""

    draw: st.DrawFn
    aliases: int = 0
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)

    def document(self, *, introspection: bool = False) -> str:
        """Write the document, with `introspection` also about the schema itself."""
        query_type = built().query_type
        assert query_type is not None
        selections = self.selections(query_type, levels=self.draw(st.integers(1, 6)))
        described = self.introspection() if introspection else ""
        named = " ".join(f"fragment {name} on {on} {text}" for name, (on, text) in self.fragments.items())
        uses = " ".join(f"u{place}: node(id: ${name}) {{ id }}" for place, name in enumerate(("team", "session")))
        sized = "sized: teams(first: $size) { pageInfo { endCursor } }"
        return f"{VARIABLES}{{ {uses} {sized} {described} ... {selections} }} {named}"

    def introspection(self) -> str:
        """Write the two fields that tell of the schema."""
        whole, one, of_field, of_input = (
            self.selections(built().type_map[name], levels=self.draw(st.integers(1, 4)))
            for name in ("__Schema", "__Type", "__Type", "__Type")
        )
        name = self.draw(st.sampled_from(sorted(built().type_map)))
        # Those that have no name, lists and what is not null, are reached by way of fields only: never left to chance.
        leaves = "kind name description specifiedByURL isOneOf"
        unnamed = (
            f"fields {{ type {{ {leaves} ... {of_field} }} }} inputFields {{ type {{ {leaves} ... {of_input} }} }}"
        )
        return f'__schema {whole} __type(name: "{name}") {{ {unnamed} ... {one} }}'

    def selections(self, parent: graphql.GraphQLNamedType, levels: int) -> str:
        """Write what is selected of a type, at most so many levels deep."""
        if isinstance(parent, graphql.GraphQLUnionType | graphql.GraphQLInterfaceType):
            possible = self.draw(st.lists(st.sampled_from(built().get_possible_types(parent)), max_size=2))
            within = [f"... on {each.name} {self.selections(each, levels)}" for each in possible]
            return _set(["__typename", *within])
        assert isinstance(parent, graphql.GraphQLObjectType)
        known = [name for name, (on, _) in self.fragments.items() if on == parent.name]
        again = self.draw(st.booleans())
        if known and again:
            spread = self.draw(st.sampled_from(known))
            return f"{{ ...{spread} ... on {parent.name} {{ ...{spread} }} }}"
        leaves = [
            name for name, each in parent.fields.items() if graphql.is_leaf_type(graphql.get_named_type(each.type))
        ]
        branches = [name for name in parent.fields if name not in leaves] if levels > 1 else []
        chosen = self.draw(st.lists(st.sampled_from([*leaves, *branches, "__typename"]), min_size=1, max_size=4))
        written = [self.one_field(parent, name, levels) for name in chosen]
        if self.draw(st.integers(0, 3)):
            return _set(written)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (parent.name, _set(written))
        return f"{{ ...{name} }}"

    def one_field(self, parent: graphql.GraphQLObjectType, name: str, levels: int) -> str:
        """Write a field with what is selected of it."""
        if name == "__typename":
            return name
        inner = graphql.get_named_type(parent.fields[name].type)
        choices = ARGUMENTS.get((parent.name, name)) or (PAGES if "first" in parent.fields[name].args else [""])
        given = self.draw(st.sampled_from(choices))
        if graphql.is_leaf_type(inner):
            return name
        self.aliases += 1
        # Each with a name of its own, so that nothing has to be merged.
        return f"a{self.aliases}: {name}{given} {self.selections(inner, levels - 1)}"


@st.composite
def generated_documents(draw: st.DrawFn, *, introspection: bool = False) -> str:
    """Give documents that are valid and that may be beyond every limit."""
    return Writer(draw).document(introspection=introspection)


def _set(selections: list[str]) -> str:
    return "{ " + " ".join(selections) + " }"


def counted_fields(value: Any) -> int:
    """Count the fields of an answer."""
    if isinstance(value, dict):
        return len(value) + sum(map(counted_fields, value.values()))
    return sum(map(counted_fields, value)) if isinstance(value, list) else 0
