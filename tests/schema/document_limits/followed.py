"""The limits in the plainest form: every fragment followed wherever it is spread, nothing remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import graphql

from tests.schema.document_limits.prepared_documents import built

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schema.documents.field_costs import FieldCosts


@dataclass(frozen=True)
class Followed:
    """A document with one operation, followed into every fragment."""

    document: graphql.DocumentNode
    variables: Mapping[str, int]
    costs: FieldCosts

    @property
    def operation(self) -> graphql.OperationDefinitionNode:
        """The operation."""
        (found,) = [node for node in self.document.definitions if isinstance(node, graphql.OperationDefinitionNode)]
        return found

    def cost(self) -> int:
        """Sum up what the operation costs."""
        root = built().query_type
        assert root is not None
        return sum(self._field(node, root) for node in self._fields(self.operation.selection_set, root))

    def aliases(self) -> int:
        """Count aliases wherever they come to stand."""
        return sum(node.alias is not None for node, _ in self._everywhere(self.operation.selection_set, 1))

    def depth(self) -> int:
        """Give the level of the deepest field."""
        return max((level for _, level in self._everywhere(self.operation.selection_set, 1)), default=0)

    def _everywhere(self, selections: graphql.SelectionSetNode, level: int) -> Iterator[tuple[graphql.FieldNode, int]]:
        for selection in selections.selections:
            if isinstance(selection, graphql.FieldNode):
                yield selection, level
                if selection.selection_set is not None:
                    yield from self._everywhere(selection.selection_set, level + 1)
            else:
                yield from self._everywhere(self._fragment(selection).selection_set, level)

    def _fragment(
        self, selection: graphql.SelectionNode
    ) -> graphql.InlineFragmentNode | graphql.FragmentDefinitionNode:
        if isinstance(selection, graphql.InlineFragmentNode):
            return selection
        assert isinstance(selection, graphql.FragmentSpreadNode)
        return next(
            node
            for node in self.document.definitions
            if isinstance(node, graphql.FragmentDefinitionNode) and node.name.value == selection.name.value
        )

    def _fields(
        self, selections: graphql.SelectionSetNode, parent: graphql.GraphQLObjectType
    ) -> Iterator[graphql.FieldNode]:
        for selection in selections.selections:
            if isinstance(selection, graphql.FieldNode):
                yield selection
                continue
            fragment = self._fragment(selection)
            condition = fragment.type_condition
            if condition is None or condition.name.value == parent.name:
                yield from self._fields(fragment.selection_set, parent)

    def _field(self, node: graphql.FieldNode, parent: graphql.GraphQLObjectType) -> int:
        """Price a field; a list within a sized field is priced there."""
        price = self.costs.of(parent.name, node.name.value)
        if node.selection_set is None:
            return price.weight
        named = graphql.get_named_type(parent.fields[node.name.value].type)
        possible = [named] if isinstance(named, graphql.GraphQLObjectType) else built().get_possible_types(named)
        within = max(self._within(node.selection_set, each, self._size(node, price.size)) for each in possible)
        if price.size is not None and not price.sizes_fields:
            return price.weight + self._size(node, price.size) * (1 + within)
        return price.weight + within

    def _within(self, selections: graphql.SelectionSetNode, parent: graphql.GraphQLObjectType, size: int) -> int:
        total = 0
        for node in self._fields(selections, parent):
            price = self.costs.of(parent.name, node.name.value)
            cost = self._field(node, parent)
            total += price.weight + size * (1 + cost - price.weight) if price.is_sized_by_parent else cost
        return total

    def _size(self, node: graphql.FieldNode, assumed: int | None) -> int:
        for argument in node.arguments or ():
            value = argument.value
            if argument.name.value == "first":
                return self.variables["size"] if isinstance(value, graphql.VariableNode) else int(value.value)  # type: ignore[attr-defined] # a number
            if argument.name.value == "ids":
                return len(value.values)  # type: ignore[attr-defined] # a list
        return assumed or 0
