"""Arguments inside a mutation's payload are judged before the mutation is executed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    value_from_ast_untyped,
    visit,
)
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.extensions import SchemaExtension

from schema.pagination import Ordering, requested_page
from schema.scalars import parse_datetime
from schema.sessions.filter import LATEST_FIRST, require_storable
from schema.sessions.message import OLDEST_FIRST
from schema.teams.team import NEWEST_KEY_FIRST
from schema.usage.summary import requested_period
from schema.user_input import BadUserInput

Arguments = Mapping[str, Any]


def _page_of(ordering: Ordering) -> Callable[[Arguments], None]:
    def judge(given: Arguments) -> None:
        requested_page(ordering, first=_of(int, given.get("first")), after=_of(str, given.get("after")))
        wanted = _of(dict, given.get("filter")) or {}
        require_storable(platform=_of(str, wanted.get("platform")), user_id=_of(str, wanted.get("userId")))

    return judge


def _period(given: Arguments) -> None:
    requested_period(_moment(given.get("from")), _moment(given.get("to")), datetime.now(UTC))


JUDGED: Mapping[tuple[str, str], Callable[[Arguments], None]] = {
    ("Team", "apiKeys"): _page_of(NEWEST_KEY_FIRST),
    ("Team", "sessions"): _page_of(LATEST_FIRST),
    ("Team", "usage"): _period,
    ("Session", "messages"): _page_of(OLDEST_FIRST),
}


def payload_refusals(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
) -> Sequence[GraphQLError]:
    """Say what is wrong with a mutation whose payload asks for a page or a period that there cannot be.

    The field itself would refuse it only after the change was made, and the answer would be lost with it: in the worst
    case a new key, whose secret is shown once.
    """
    if not _has_mutation(document):
        return ()
    arguments = _PayloadArguments(schema, _variables(document, variables))
    visit(document, TypeInfoVisitor(arguments.type_info, arguments))
    return arguments.errors


class PayloadArguments(SchemaExtension):
    """Refuses such a mutation before it is executed."""

    def on_validate(self) -> Iterator[None]:
        """Judge the arguments of a document that is valid, as far as they can be read already."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None and not context.pre_execution_errors:
            schema = context.schema._schema  # noqa: SLF001 - how extensions of the framework reach graphql-core's schema
            context.pre_execution_errors = list(payload_refusals(schema, document, context.variables or {}))
        yield


class _PayloadArguments(Visitor):
    """Visits each field once, fragments where they are defined."""

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self.type_info = TypeInfo(schema)
        self.errors: list[GraphQLError] = []
        self._variables = variables

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.type_info.get_parent_type()
        judge = JUDGED.get((parent.name, node.name.value)) if parent else None
        if judge is None:
            return
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, dict(self._variables))
            for argument in node.arguments or ()
        }
        try:
            judge(given)
        except BadUserInput as error:
            self.errors.append(GraphQLError(error.message, nodes=[node], extensions=error.extensions))


def _has_mutation(document: DocumentNode) -> bool:
    return any(operation.operation is OperationType.MUTATION for operation in _operations(document))


def _variables(document: DocumentNode, given: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for operation in _operations(document)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
    return defaults | dict(given)


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]


def _moment(value: Any) -> datetime | None:
    try:
        return None if value is None else parse_datetime(value)
    except StrawberryInputCoercionError:
        # For the framework to refuse, as whatever is of another type.
        return None


def _of(expected: type, value: Any) -> Any:
    """Give a value that has the type expected; what has another is for the framework to refuse."""
    return value if isinstance(value, expected) and not isinstance(value, bool) else None
