"""What an operation does, worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationType,
    get_named_type,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_api.execution.planned_field import PlannedField, planned_field
from graphql_api.execution.source import compile_selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import strawberry
    from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet

    from graphql_api.execution.executor import PlanExecutor
    from graphql_api.execution.shared_answers import SharedAnswers


class Plan:
    """What an operation does, for one set of answers to what its `@skip` and `@include` ask of variables.

    `answers` are the values of these variables, by name. `steps` are carried out one after the other: one for all
    fields of a query, one for each field of a mutation. `constant_arguments` fills with those that hold no variable.
    """

    def __init__(
        self,
        framework: strawberry.Schema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        answers: Mapping[str, object],
        shared: SharedAnswers,
    ) -> None:
        self.framework = framework
        self.schema: GraphQLSchema = framework._schema  # noqa: SLF001 - the framework has no other way to it
        self.operation = operation
        self.fragment_definitions = dict(fragments)
        self.fragments = {name: FragmentDetails(fragment, None) for name, fragment in fragments.items()}
        # Kept for as long as the plan, and so without all other variables of the request that it was made for.
        self._answers = VariableValues({}, dict(answers))
        self.constant_arguments: dict[PlannedField, dict[str, Any] | None] = {}
        self._shared = shared
        self._selections: dict[tuple[str, int], Callable[..., Any]] = {}
        # There is one: the document was validated.
        root = cast("GraphQLObjectType", self.schema.get_root_type(operation.operation))
        grouped = collect_fields(self.schema, self.fragments, self._answers, root, operation).grouped_field_set
        serially = operation.operation is OperationType.MUTATION
        groups = [{name: details} for name, details in grouped.items()] if serially else [grouped]
        self.steps = [self._compiled(root, group) for group in groups]

    def selection(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> Callable[..., Any]:
        """Give what carries out a field's selection of objects of a type, compiled when it is first asked for."""
        key = (object_type.name, id(details))
        if (found := self._selections.get(key)) is None:
            collected = collect_subfields(
                self.schema, self.fragments, self._answers, self.operation, object_type, details
            )
            found = self._selections[key] = self._compiled(object_type, collected.grouped_field_set)
        return found

    def learn(self, planned: PlannedField, value: object, executor: PlanExecutor) -> None:
        """Remember what is done with objects of a value's class, where the class alone decides that.

        Objects that were cast with `strawberry.cast` are of another type than their class says; there are none here.
        """
        object_type = self._type_of(planned, value, executor)
        of_class = value.__class__
        if object_type is not None and not issubclass(of_class, Exception) and not hasattr(of_class, "__await__"):
            run = self.selection(object_type, planned.details)
            planned.runs[of_class] = self._shared.sharing(run) if getattr(of_class, "IS_VALUE", False) else run

    def _type_of(self, planned: PlannedField, value: object, executor: PlanExecutor) -> GraphQLObjectType | None:
        named = get_named_type(planned.item_type)
        if isinstance(named, GraphQLObjectType):
            definition = _definition(named)
            generic = getattr(definition, "concrete_of", None)
            return named if value.__class__ is _origin(generic or definition) else None
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType) and not _resolves_its_own_way(named):
            # Of types made of a generic one, the class does not tell which.
            return next(
                (
                    possible
                    for possible in executor.schema.get_possible_types(named)
                    if value.__class__ is _origin(_definition(possible)) and not _definition(possible).concrete_of
                ),
                None,
            )
        return None

    def _compiled(self, object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> Callable[..., Any]:
        fields = [planned_field(self.schema, object_type, name, details) for name, details in grouped.items()]
        return compile_selection(self.framework, object_type, fields)


def _definition(named: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType) -> Any:
    return named.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)


def _origin(definition: Any) -> type | None:
    """Give the class of a type's objects; None where the type asks each object itself."""
    return None if getattr(definition, "is_type_of", None) is not None else getattr(definition, "origin", None)


def _resolves_its_own_way(named: GraphQLInterfaceType | GraphQLUnionType) -> bool:
    return getattr(_definition(named), "resolve_type", None) is not None and isinstance(named, GraphQLInterfaceType)
