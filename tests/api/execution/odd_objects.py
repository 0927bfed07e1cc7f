"""Objects of the odd schema and documents over it, drawn from a seeded source of chance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import graphql

from tests.api.execution.odd_schema import SCHEMA, Colour, Fault, Later, Raised, Thing

if TYPE_CHECKING:
    from random import Random

RIGHT: dict[str, list[Any]] = {
    "name": ["a", "Ünï\u2028", ""],
    "number": [0, 7, 2**31 - 1, -(2**31)],
    "ratio": [0.0, -0.0, 1.5, 1e300, 3],
    "flag": [True, False],
    "colour": list(Colour),
    "when": [datetime(2026, 1, 2, tzinfo=UTC)],
    "tags": [(), ("a", "b")],
    "words": [(), ("a", None), None],
    "matrix": [(), ((1, 2), ()), ((3,),)],
    "colours": [(), (Colour.RED, None)],
    "sure": [1, -5],
    "awaited": ["x", "yy"],
}
WRONG: list[Any] = [
    *(None, None, None, Raised("raised"), Raised("raised again"), Fault("returned")),
    *(2**31, -(2**31) - 1, float("inf"), float("nan"), "text", 5, 1.0, True, b"bytes", object, Colour.GREEN),
    *(("a", 5), (None,), (Fault("in a list"),), (Later("x", 1), "y"), (Raised("within"),), "letters"),
    *(
        Later(None),
        Later("x", 1),
        Later(3, 2),
        Later(Fault("late"), 1),
        Later(Raised("raised late")),
        Later(Later("x")),
    ),
]


ARGUMENTS = {
    "awaited": ["", "(times: 2)", "(times: $times)"],
    "ofNumber": ["", "(of: 7)", "(of: $times)"],
    "boxed": ["(box: $box)", "(box: {size: -1})", "(box: {size: 2}, times: $times)"],
    "laterBoxed": ["(box: $box)", "(box: {size: -1})", "(box: {size: 2}, times: $times)"],
    "sureBoxed": ["(box: $box)", "(box: {size: 3})"],
}
# Uses all variables, so that every document may declare them.
GIVEN = {
    "query": "fragment Given on Query { n: ofNumber(of: $times) @skip(if: $yes) b: boxed(box: $box) }",
    "mutation": "fragment Given on Mutation { g: given(times: $times, box: $box) @skip(if: $yes) }",
}


class Odd:
    """Draws objects and documents. `wrong` is how often a field gives what it should not, of 1."""

    def __init__(self, random: Random, wrong: float) -> None:
        self.random = random
        self.wrong = wrong
        self.fragments: dict[str, tuple[str, str]] = {}

    def mostly(self, right: Any) -> Any:
        """Give what is right, now and then later, and as often as said what is wrong."""
        chance = self.random.random()
        if chance < self.wrong:
            return self.random.choice(WRONG)
        return Later(right, self.random.randrange(3)) if chance > 0.85 else right

    def some(self, make: Any, most: int) -> tuple[Any, ...]:
        """Give a few."""
        return tuple(self.mostly(make()) for _ in range(self.random.randrange(most + 1)))

    def leaf(self) -> Thing:
        """Describe a leaf."""
        return Thing("Leaf", tuple((name, self.mostly(self.random.choice(RIGHT[name]))) for name in RIGHT))

    def either(self, levels: int) -> Thing:
        """Describe a leaf or a branch."""
        return self.branch(levels) if levels >= 0 and self.random.random() < 0.5 else self.leaf()

    def branch(self, levels: int) -> Thing:
        """Describe a branch with so many levels below it."""
        fields: dict[str, Any] = {"name": self.mostly(self.random.choice(RIGHT["name"]))}
        if levels > 0:
            fields |= {
                "leaf": self.mostly(self.leaf()),
                "sure_leaf": self.mostly(self.leaf()),
                "leaves": self.mostly(self.some(self.leaf, 3)),
                "maybe_leaves": self.mostly(self.some(self.leaf, 3)),
                "some_leaves": self.mostly(self.some(self.leaf, 3)),
                "any": self.mostly(self.either(levels - 1)),
                "either": self.mostly(self.either(levels - 1)),
                "eithers": self.mostly(self.some(lambda: self.either(levels - 1), 3)),
                "sure_branch": self.mostly(self.branch(levels - 1)),
                "grid": self.mostly(self.some(lambda: self.some(lambda: self.either(levels - 2), 2), 2)),
                "page": self.mostly(self.some(self.leaf, 3)),
            }
        return Thing("Branch", tuple(fields.items()))

    def document(self) -> str:
        """Write an operation: merged fields, aliases, fragments, conditions."""
        self.fragments = {}
        kind = self.random.choice(["query", "query", "mutation"])
        schema = SCHEMA._schema  # noqa: SLF001 - the framework has no other way to it
        text = self.selections(
            schema.query_type if kind == "query" else schema.mutation_type, self.random.randint(2, 5)
        )
        named = " ".join(f"fragment {name} on {on} {inner}" for name, (on, inner) in self.fragments.items())
        uses = "__typename @skip(if: $yes) @include(if: $no)"
        variables = "$yes: Boolean = true, $no: Boolean!, $times: Int = 3, $box: Box!"
        return f"{kind}({variables}) {{ {uses} ...Given ... {text} }} {named} {GIVEN[kind]}"

    def variables(self) -> dict[str, Any]:
        """Draw values of the document's variables; not all can be used where they stand."""
        variables: dict[str, Any] = {"yes": self.random.random() < 0.5, "no": self.random.random() < 0.5}
        variables["box"] = {"size": self.random.choice([-1, 0, 1, 1])}
        if self.random.random() < 0.5:
            variables["times"] = self.random.choice([None, 1, 2])
        return variables

    def condition(self) -> str:
        """Write a condition, or none."""
        conditions = [" @skip(if: $yes)", " @include(if: $yes)", " @include(if: $no)", " @skip(if: false)"]
        return self.random.choice(conditions) if self.random.random() < 0.15 else ""

    def selections(self, of_type: Any, levels: int) -> str:
        """Write what is selected of a type."""
        written = [self.random.choice(["__typename", "t: __typename"])]
        names = [] if isinstance(of_type, graphql.GraphQLUnionType) else sorted(of_type.fields)
        for name in self.random.choices(names, k=self.random.randint(1, 7)) if names else ():
            field = of_type.fields[name]
            inner = graphql.get_named_type(field.type)
            given = self.random.choice(ARGUMENTS.get(name, [""]))
            # Arguments of its own need a name of their own.
            alias = f"{name}2: " if self.random.random() < 0.2 else ""
            if name in ARGUMENTS:
                alias = f"{name}{ARGUMENTS[name].index(given)}: "
            if graphql.is_leaf_type(inner):
                written.append(f"{alias}{name}{given}{self.condition()}")
            elif levels > 0:
                written.append(f"{alias}{name}{self.condition()} {self.selections(inner, levels - 1)}")
        if graphql.is_abstract_type(of_type) and levels > 0:
            for possible in self.random.sample(["Leaf", "Branch", "Named"], k=self.random.randint(0, 3)):
                inner = SCHEMA._schema.get_type(possible)  # noqa: SLF001 - see above
                written.append(f"... on {possible}{self.condition()} {self.selections(inner, levels - 1)}")
        known = [name for name, (on, _) in self.fragments.items() if on == of_type.name]
        if known and self.random.random() < 0.5:
            written.append(f"...{self.random.choice(known)}{self.condition()}")
        text = "{ " + " ".join(written) + " }"
        if self.random.random() < 0.2:
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (of_type.name, text)
            return f"{{ ...{name} }}"
        return text
