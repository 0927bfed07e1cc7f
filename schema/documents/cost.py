"""The cost of an operation: every field counts, and what is inside a page as often as the page has entries.

A field costs its weight, 1 unless the schema says otherwise. What is selected in it is added; in a list, for each entry
and 1 more. Of several types that an object may be of, the dearest counts, and a field counts whether or not `@skip` or
`@include` leave it out. So the cost bounds the number of fields in the answer, and it is known before anything runs.
That holds for what is stored. Introspection is cheaper, since it takes no statement: its lists are priced at what they
usually hold, and its fields at a fraction. The problems of refused input are priced at what they usually are as well.

What is selected in a fragment is computed once for each type it is spread in, however often that is: the time taken is
linear in the size of the document. Where variables size pages, the computation is kept and repeated for their values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    get_named_type,
)

from schema.documents.list_sizes import VariableSize, size_of_list
from schema.pagination import PAGE_SIZE_MAXIMUM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphql import OperationDefinitionNode, SelectionSetNode

    from schema.documents.field_costs import FieldCosts

INTROSPECTION_FIELDS_FOR_ONE = 20
"""How many fields of introspection cost as much as one of another kind: none takes a statement or a loader."""

_META_FIELDS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}

Amount = Union[int, "Sum", "Dearest"]
"""A number, or what becomes one with the values of variables."""


@dataclass(slots=True)
class Sum:
    """What is fixed, and amounts, each as often as its size says."""

    fixed: int = 0
    terms: list[tuple[int | VariableSize, Amount]] = field(default_factory=list)

    def add(self, size: int | VariableSize, amount: Amount) -> None:
        """Add an amount, as often as said."""
        if not isinstance(size, int):
            self.terms.append((size, amount))
        elif isinstance(amount, int):
            self.fixed += size * amount
        elif isinstance(amount, Sum) and (term := amount.only_term(size)) is not None:
            # One term for one: with more, fragments that fan out would double them at each level.
            self.fixed += size * amount.fixed
            self.terms.append(term)
        else:
            self.terms.append((size, amount))

    def only_term(self, factor: int) -> tuple[int | VariableSize, Amount] | None:
        """Give the one term that this has besides what is fixed, so many times; None where that is no term."""
        if len(self.terms) == 1:
            size, amount = self.terms[0]
            if factor == 1:
                return size, amount
            if isinstance(amount, int):
                return size, factor * amount
        return None

    def simplified(self) -> Amount:
        """Give the number that this is, where it is one."""
        return self if self.terms else self.fixed


@dataclass(frozen=True, slots=True)
class Dearest:
    """The largest of several amounts."""

    amounts: tuple[Amount, ...]


def evaluate(amount: Amount, variables: Mapping[str, Any]) -> int:
    """Give the number that an amount becomes with the values of variables; each part is computed once."""
    return _evaluated(amount, variables, {})


def _evaluated(part: Amount, variables: Mapping[str, Any], computed: dict[int, int]) -> int:
    if isinstance(part, int):
        return part
    if (known := computed.get(id(part))) is not None:
        return known
    if isinstance(part, Sum):
        result = part.fixed
        for size, inner in part.terms:
            times = size if isinstance(size, int) else size.given(variables)
            result += times * (inner if isinstance(inner, int) else _evaluated(inner, variables, computed))
    else:
        result = max(_evaluated(each, variables, computed) for each in part.amounts)
    computed[id(part)] = result
    return result


class OperationCosts:
    """Computes the costs of the operations of one document, whose nesting is bounded already."""

    def __init__(
        self, schema: GraphQLSchema, field_costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._field_costs = field_costs
        self._fragments = fragments
        self._computed: dict[tuple[int, str], tuple[Amount, Amount]] = {}

    def of(self, operation: OperationDefinitionNode) -> Amount:
        """Give the cost of an operation."""
        root = self._schema.get_root_type(operation.operation)
        return 0 if root is None else self._of_object(operation.selection_set, root)[0]

    def _of_selections(self, selections: SelectionSetNode, parent: GraphQLNamedType) -> tuple[Amount, Amount]:
        if isinstance(parent, GraphQLInterfaceType | GraphQLUnionType):
            each = [self._of_object(selections, possible) for possible in self._schema.get_possible_types(parent)]
            return _dearest(once for once, _ in each), _dearest(per_entry for _, per_entry in each)
        return self._of_object(selections, parent)

    def _of_object(self, selections: SelectionSetNode, parent: GraphQLNamedType) -> tuple[Amount, Amount]:
        """Give what the selections cost in an object of the type: once, and for each entry of the lists in it."""
        key = (id(selections), parent.name)
        if key not in self._computed:
            # What is met again while it is computed is a circle of fragments, which validation refuses.
            self._computed[key] = 0, 0
            once, per_entry = Sum(), Sum()
            for selection in selections.selections:
                if isinstance(selection, FieldNode):
                    self._add_field(selection, parent, once, per_entry)
                elif (inner := self._applied(selection, parent)) is not None:
                    inner_once, inner_per_entry = self._of_object(inner, parent)
                    once.add(1, inner_once)
                    per_entry.add(1, inner_per_entry)
            self._computed[key] = once.simplified(), per_entry.simplified()
        return self._computed[key]

    def _applied(self, selection: object, parent: GraphQLNamedType) -> SelectionSetNode | None:
        """Give the selections of a fragment, where it applies to an object of the type."""
        fragment: InlineFragmentNode | FragmentDefinitionNode | None
        if isinstance(selection, FragmentSpreadNode):
            fragment = self._fragments.get(selection.name.value)
        else:
            fragment = selection if isinstance(selection, InlineFragmentNode) else None
        if fragment is None:
            return None
        condition = fragment.type_condition
        if condition is None or condition.name.value == parent.name:
            return fragment.selection_set
        wanted = self._schema.get_type(condition.name.value)
        applies = isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType) and self._schema.is_sub_type(
            wanted,
            parent,
        )
        return fragment.selection_set if applies else None

    def _add_field(self, node: FieldNode, parent: GraphQLNamedType, once: Sum, per_entry: Sum) -> None:
        name = node.name.value
        cost = self._field_costs.of(parent.name, name)
        once.add(1, cost.weight)
        if node.selection_set is None:
            return
        definition = _META_FIELDS.get(name) or getattr(parent, "fields", {}).get(name)
        if definition is None:
            return
        inner, inner_per_entry = self._of_selections(node.selection_set, get_named_type(definition.type))
        if not cost.sizes_fields:
            # Lists whose size this field does not say may be as large as any.
            inner = _with_entries(inner, inner_per_entry, PAGE_SIZE_MAXIMUM)
        if cost.is_sized_by_parent:
            per_entry.add(1, 1)
            per_entry.add(1, inner)
        elif cost.size is None:
            once.add(1, _reduced(inner) if name in _META_FIELDS else inner)
        elif cost.sizes_fields:
            once.add(1, inner)
            once.add(size_of_list(node, cost), inner_per_entry)
        else:
            size = size_of_list(node, cost)
            once.add(size, 1)
            once.add(size, inner)


def _with_entries(once: Amount, per_entry: Amount, entries: int) -> Amount:
    if per_entry == 0:
        return once
    total = Sum()
    total.add(1, once)
    total.add(entries, per_entry)
    return total.simplified()


def _reduced(amount: Amount) -> Amount:
    # No list of introspection is sized by a variable.
    return -(-amount // INTROSPECTION_FIELDS_FOR_ONE) if isinstance(amount, int) else amount


def _dearest(amounts: Iterable[Amount]) -> Amount:
    found = list(amounts)
    numbers = [amount for amount in found if isinstance(amount, int)]
    others = [amount for amount in found if not isinstance(amount, int)]
    largest = max(numbers, default=0)
    return Dearest((largest, *others)) if others else largest
