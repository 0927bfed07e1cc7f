"""Values and literals of any type, most of them right, and the variables that stand in literals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
)
from graphql.pyutils import Undefined
from hypothesis import strategies as st

from tests.api.execution.input_schema import NAMED

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

DEPTH_MAXIMUM = 4

NUMBERS = st.one_of(
    st.integers(-3, 9), st.sampled_from([2**31 - 1, 2**31, -(2**31), 4.0, 4.5, 1e300, float("inf"), True])
)
TEXTS = st.sampled_from(["", "x", "4", "RED", "GREEN", "\N{GRINNING FACE}"])
WRONG = st.one_of(
    st.none(), NUMBERS, TEXTS, st.sampled_from([[], {}, [None], {"number": 1}, {"unknown": 1}, (1,), Undefined, b""])
)
OF_SCALARS: dict[str, SearchStrategy[Any]] = {
    "Boolean": st.booleans(),
    "Float": st.floats(allow_nan=False, allow_infinity=False),
    "ID": st.one_of(TEXTS, st.integers(0, 9)),
    "Int": st.integers(-9, 9),
    "String": TEXTS,
    "Even": st.sampled_from([0, 2, 2, 2, 3]),
    "Anything": WRONG,
    "Nothing": WRONG,
}
LITERALS_OF_SCALARS: dict[str, SearchStrategy[str]] = {
    "Boolean": st.sampled_from(["true", "false"]),
    "Float": st.sampled_from(["1", "1.5", "-0.0", "1e3"]),
    "ID": st.sampled_from(['"x"', "4", '""']),
    "Int": st.sampled_from(["0", "-3", "2147483647"]),
    "String": st.sampled_from(['"x"', '""', '"""a block"""']),
    "Even": st.sampled_from(["0", "2"]),
    "Anything": st.sampled_from(["1", "RED", '"x"', "[1, [2]]", "{a: {b: 1}}"]),
    "Nothing": st.sampled_from(["1", '"x"']),
}


@st.composite
def input_types(draw: DrawFn) -> Any:
    """Give a type: one of the schema's, or lists of it, any of which may or may not be null."""
    found: Any = draw(st.sampled_from(NAMED))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        found = GraphQLList(draw(maybe_required(found)))
    return draw(maybe_required(found))


def maybe_required(of_type: Any) -> SearchStrategy[Any]:
    """Give a type, or the same without null."""
    return st.sampled_from([of_type, GraphQLNonNull(of_type)])


@st.composite
def input_values(draw: DrawFn, of_type: Any, wrong: float, depth: int = 0) -> Any:
    """Give a value of a type as JSON has it; `wrong` is how often a part of it is something else."""
    if draw(happens(wrong)):
        return draw(WRONG)
    is_nullable, of_type = not isinstance(of_type, GraphQLNonNull), get_nullable_type(of_type)
    if is_nullable and (depth > DEPTH_MAXIMUM or draw(happens(0.1))):
        return None
    within = depth + 1
    if isinstance(of_type, GraphQLList):
        items: list[Any] = draw(st.lists(input_values(of_type.of_type, wrong, within), max_size=2))
        is_bare = draw(happens(wrong))
        return items[0] if is_bare and len(items) == 1 else items
    if isinstance(of_type, GraphQLInputObjectType):
        given = draw(fields_given(of_type, wrong))
        value = {name: draw(input_values(of_type.fields[name].type, wrong, within)) for name in draw(orders(given))}
        return value | ({"unknown": 1} if draw(happens(wrong)) else {})
    if isinstance(of_type, GraphQLEnumType):
        return draw(st.sampled_from(list(of_type.values)))
    return draw(OF_SCALARS[of_type.name])


def orders(names: list[str]) -> SearchStrategy[list[str]]:
    """Give names in any order."""
    return st.permutations(names)


@st.composite
def fields_given(draw: DrawFn, of_type: GraphQLInputObjectType, wrong: float) -> list[str]:
    """Choose fields of an input object: one where it takes one, else those that it has to have and some others."""
    names = list(of_type.fields)
    if (of_type.is_one_of or of_type.name == "Judged") and not draw(happens(wrong)):
        return [draw(st.sampled_from(names))]
    return [
        name
        for name, field in of_type.fields.items()
        if (isinstance(field.type, GraphQLNonNull) and field.default is None and field.default_value is Undefined)
        or draw(happens(0.4))
    ]


def happens(probability: float) -> SearchStrategy[bool]:
    """Give what is true about as often as that."""
    return st.integers(1, 100).map(lambda number: number <= probability * 100)


class Declared(NamedTuple):
    """A variable of an operation."""

    of_type: Any
    default: str | None


class Literals:
    """Writes literals, and notes the variables that stand in them."""

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any], *, with_variables: bool) -> None:
        self._draw = draw
        self._variables_at = 0.3 if with_variables else 0.0
        self.variables: dict[str, Declared] = {}

    def of(self, of_type: Any, *, has_default: bool = False, is_one_of: bool = False, depth: int = 0) -> str:
        """Write a literal for a place of a type; null may stand there if it has a default or the type says so."""
        draw = self._draw
        if draw(happens(self._variables_at)):
            return self._variable(of_type, has_default=has_default, is_one_of=is_one_of)
        is_nullable, of_type = not isinstance(of_type, GraphQLNonNull), get_nullable_type(of_type)
        if is_nullable and not is_one_of and (depth > DEPTH_MAXIMUM or draw(happens(0.1))):
            return "null"
        if isinstance(of_type, GraphQLList):
            return self._list(of_type, depth)
        if isinstance(of_type, GraphQLInputObjectType):
            return self._object(of_type, depth)
        return self._leaf(of_type)

    def _leaf(self, of_type: Any) -> str:
        draw = self._draw
        if isinstance(of_type, GraphQLEnumType):
            return str(draw(st.sampled_from(list(of_type.values))))
        written = draw(LITERALS_OF_SCALARS[of_type.name])
        if of_type.name == "Anything" and draw(happens(self._variables_at)):
            return f"{{a: [{written}, {self._variable(of_type)}], b: {self._variable(of_type)}}}"
        return str(written)

    def _list(self, of_type: Any, depth: int) -> str:
        draw = self._draw
        if draw(happens(0.2)):
            # A single item stands for a list of it, though no variable does.
            item = self.of(of_type.of_type, depth=depth + 1)
            return f"[{item}]" if item.startswith("$") or item == "null" else item
        items = range(draw(st.integers(0, 0 if depth > DEPTH_MAXIMUM else 3)))
        return f"[{', '.join(self.of(of_type.of_type, depth=depth + 1) for _ in items)}]"

    def _object(self, of_type: GraphQLInputObjectType, depth: int) -> str:
        given = self._draw(orders(self._draw(fields_given(of_type, 0))))
        fields = {name: of_type.fields[name] for name in given}
        written = {
            name: self.of(
                field.type,
                has_default=field.default is not None or field.default_value is not Undefined,
                is_one_of=of_type.is_one_of or of_type.name == "Judged",
                depth=depth + 1,
            )
            for name, field in fields.items()
        }
        return f"{{{', '.join(f'{name}: {value}' for name, value in written.items())}}}"

    def _variable(self, of_type: Any, *, has_default: bool = False, is_one_of: bool = False) -> str:
        """Declare a variable that may stand in the place: of its type, without null, or with a default."""
        draw, default = self._draw, None
        of_variable = of_type
        if is_one_of or draw(happens(0.3)):
            of_variable = GraphQLNonNull(get_nullable_type(of_type))
        elif isinstance(of_type, GraphQLNonNull) and (has_default or draw(happens(0.4))):
            of_variable = of_type.of_type
        if (of_variable is not of_type and not is_one_of and not has_default) or draw(happens(0.2)):
            default = Literals(draw, with_variables=False).of(GraphQLNonNull(get_nullable_type(of_variable)))
        name = f"v{len(self.variables)}"
        self.variables[name] = Declared(of_variable, default)
        return f"${name}"


@st.composite
def given_values(draw: DrawFn, variables: dict[str, Declared], wrong: float) -> dict[str, Any]:
    """Give values for variables, some of which are left out."""
    return {
        name: draw(input_values(declared.of_type, wrong)) for name, declared in variables.items() if draw(happens(0.75))
    }


def declared_variables(variables: dict[str, Declared]) -> str:
    """Write the variables of an operation."""
    written = [
        f"${name}: {declared.of_type}" + (f" = {declared.default}" if declared.default is not None else "")
        for name, declared in variables.items()
    ]
    return f"({', '.join(written)})" if written else ""
