"""How deep and broad a document is, with each fragment looked at once and counted wherever it is spread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import DirectiveNode, SelectionSetNode, ValueNode

Definition: TypeAlias = OperationDefinitionNode | FragmentDefinitionNode

_INTROSPECTION = ("__schema", "__type")


@dataclass(slots=True)
class Shape:
    """What is counted of an operation or a fragment.

    `fields` are all that are selected, and `root_fields` those at its top. `depth` counts fields within fields,
    `nesting` fragments within them too. `input_depth` is that of the deepest literal. `introspects` says that the
    schema itself is asked for.
    """

    fields: int = 0
    root_fields: int = 0
    depth: int = 0
    nesting: int = 0
    aliases: int = 0
    directives: int = 0
    input_depth: int = 0
    introspects: bool = False


@dataclass(frozen=True, slots=True)
class _Spread:
    fragment: str
    depth: int
    nesting: int
    is_at_root: bool


@dataclass(slots=True)
class _Own(Shape):
    """What a definition holds itself, and the fragments that it spreads."""

    spreads: list[_Spread] = field(default_factory=list)

    def count_directives(self, directives: Iterable[DirectiveNode] | None) -> None:
        for directive in directives or ():
            self.directives += 1
            self.count_values(argument.value for argument in directive.arguments or ())

    def count_values(self, values: Iterable[ValueNode]) -> None:
        for value in values:
            if isinstance(value, ListValueNode | ObjectValueNode):
                self.input_depth = max(self.input_depth, _literal_depth(value))


def shapes(
    operations: Iterable[OperationDefinitionNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> list[Shape]:
    """Give the shape of each operation. A fragment that spreads itself counts once; validation refuses it."""
    own = {name: _own(fragment) for name, fragment in fragments.items()}
    whole: dict[str, Shape] = {}
    for name in _inner_first(own):
        whole[name] = _combined(own[name], whole)
    return [_combined(_own(operation), whole) for operation in operations]


def _own(definition: Definition) -> _Own:
    own = _Own()
    own.count_directives(definition.directives)
    for variable in getattr(definition, "variable_definitions", None) or ():
        own.count_directives(variable.directives)
        if variable.default_value is not None:
            own.count_values([variable.default_value])
    # A stack of our own, since a document may be nested more deeply than calls may.
    waiting: list[tuple[SelectionSetNode, int, int]] = [(definition.selection_set, 1, 1)]
    while waiting:
        selections, depth, nesting = waiting.pop()
        own.nesting = max(own.nesting, nesting)
        for selection in selections.selections:
            own.count_directives(selection.directives)
            if isinstance(selection, FieldNode):
                own.fields += 1
                own.depth = max(own.depth, depth)
                own.root_fields += depth == 1
                own.aliases += selection.alias is not None
                own.introspects = own.introspects or selection.name.value in _INTROSPECTION
                own.count_values(argument.value for argument in selection.arguments or ())
                if selection.selection_set is not None:
                    waiting.append((selection.selection_set, depth + 1, nesting + 1))
            elif isinstance(selection, InlineFragmentNode):
                waiting.append((selection.selection_set, depth, nesting + 1))
            elif isinstance(selection, FragmentSpreadNode):
                own.spreads.append(_Spread(selection.name.value, depth - 1, nesting, is_at_root=depth == 1))
    return own


def _combined(own: _Own, fragments: Mapping[str, Shape]) -> Shape:
    spread = [(where, fragments[where.fragment]) for where in own.spreads if where.fragment in fragments]
    return Shape(
        fields=own.fields + sum(shape.fields for _, shape in spread),
        root_fields=own.root_fields + sum(shape.root_fields for where, shape in spread if where.is_at_root),
        depth=max([own.depth, *(where.depth + shape.depth for where, shape in spread)]),
        nesting=max([own.nesting, *(where.nesting + shape.nesting for where, shape in spread)]),
        aliases=own.aliases + sum(shape.aliases for _, shape in spread),
        directives=own.directives + sum(shape.directives for _, shape in spread),
        input_depth=max([own.input_depth, *(shape.input_depth for _, shape in spread)]),
        introspects=own.introspects or any(shape.introspects for _, shape in spread),
    )


def _inner_first(own: Mapping[str, _Own]) -> list[str]:
    """Order fragments so that each comes after those that it spreads, as far as none spreads itself."""
    ordered: list[str] = []
    met: set[str] = set()
    for outermost in own:
        if outermost in met:
            continue
        met.add(outermost)
        path = [(outermost, iter(own[outermost].spreads))]
        while path:
            name, spreads = path[-1]
            inner = next((spread.fragment for spread in spreads if spread.fragment not in met), None)
            if inner is None:
                ordered.append(name)
                path.pop()
            elif inner in own:
                met.add(inner)
                path.append((inner, iter(own[inner].spreads)))
    return ordered


def _literal_depth(value: ValueNode) -> int:
    deepest = 0
    waiting: list[tuple[ValueNode, int]] = [(value, 0)]
    while waiting:
        value, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(value, ListValueNode):
            waiting += [(entry, depth + 1) for entry in value.values]
        elif isinstance(value, ObjectValueNode):
            waiting += [(entry.value, depth + 1) for entry in value.fields]
        else:
            continue
        deepest = max(deepest, depth + 1)
    return deepest
