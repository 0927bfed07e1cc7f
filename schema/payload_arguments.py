"""Arguments inside a mutation's payload are judged before the mutation is executed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_operation_ast,
    value_from_ast_untyped,
    visit,
)
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.extensions import SchemaExtension

from schema.pagination import Ordering, requested_page
from schema.scalars import parse_datetime
from schema.sessions.filter import LATEST_FIRST, require_nameable
from schema.sessions.message import OLDEST_FIRST
from schema.teams.team import NEWEST_KEY_FIRST
from schema.usage.summary import requested_period
from schema.user_input import BadUserInput

Arguments = Mapping[str, Any]
Definition = OperationDefinitionNode | FragmentDefinitionNode


def _page_of(ordering: Ordering) -> Callable[[Arguments], None]:
    def judge(given: Arguments) -> None:
        requested_page(ordering, first=_of(int, given.get("first")), after=_of(str, given.get("after")))
        wanted = _of(dict, given.get("filter")) or {}
        require_nameable(platform=_of(str, wanted.get("platform")), user_id=_of(str, wanted.get("userId")))

    return judge


def _period(given: Arguments) -> None:
    requested_period(_moment(given.get("from")), _moment(given.get("to")), datetime.now(UTC))


JUDGED: Mapping[tuple[str, str], Callable[[Arguments], None]] = {
    ("Team", "apiKeys"): _page_of(NEWEST_KEY_FIRST),
    ("Team", "sessions"): _page_of(LATEST_FIRST),
    ("Team", "usage"): _period,
    ("Session", "messages"): _page_of(OLDEST_FIRST),
}


class PayloadArguments(SchemaExtension):
    """Refuses a mutation whose payload asks for a page or a period that there cannot be.

    The field itself would refuse it only after the change was made, and the answer would be lost with it: in the worst
    case a new key, whose secret is shown once.
    """

    def on_validate(self) -> Iterator[None]:
        """Judge the arguments of a document that is valid, as far as they can be read already."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None and not context.pre_execution_errors:
            schema = context.schema._schema  # noqa: SLF001 - how extensions of the framework reach graphql-core's schema
            # The public property gives the name of the first operation where none was asked for.
            name = context._provided_operation_name  # noqa: SLF001 - see above
            context.pre_execution_errors = payload_refusals(schema, document, name, context.variables or {})
        yield


class PayloadArgument(NamedTuple):
    """A field with arguments that are judged, and what judges them."""

    node: FieldNode
    judge: Callable[[Arguments], None]


def payload_refusals(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
) -> list[GraphQLError]:
    """Give what the payload of the mutation that runs cannot have; nothing for a query."""
    operation = get_operation_ast(document, operation_name)
    return [] if operation is None else judged(judged_fields(schema, document, operation), operation, variables)


def judged_fields(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> list[PayloadArgument]:
    """Find the fields of a mutation's payload that are judged; none for a query. No variable changes them.

    Only that operation counts and the fragments that it reaches, each where it is defined.
    """
    if operation.operation is not OperationType.MUTATION:
        return []
    found = _JudgedFields(schema)
    for part in _reached(document, operation):
        visit(part, TypeInfoVisitor(found.type_info, found))
    return found.fields


def judged(
    fields: Sequence[PayloadArgument], operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> list[GraphQLError]:
    """Judge the arguments of fields, with these variables and the defaults of the operation's own."""
    errors = []
    values = _defaults(operation) | dict(variables) if fields else {}
    for node, judge in fields:
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, values) for argument in node.arguments or ()
        }
        try:
            judge(given)
        except BadUserInput as error:
            errors.append(GraphQLError(error.message, nodes=[node], extensions=error.extensions))
    return errors


class _JudgedFields(Visitor):
    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.type_info = TypeInfo(schema)
        self.fields: list[PayloadArgument] = []

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.type_info.get_parent_type()
        judge = JUDGED.get((parent.name, node.name.value)) if parent else None
        if judge is not None:
            self.fields.append(PayloadArgument(node, judge))


def _reached(document: DocumentNode, operation: OperationDefinitionNode) -> list[Definition]:
    """Give the operation and each fragment that it spreads, itself or by way of others, once."""
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
    reached: list[Definition] = [operation]
    for part in reached:
        spreads = _Spreads()
        visit(part, spreads)
        reached += [fragments.pop(name) for name in spreads.names if name in fragments]
    return reached


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names[node.name.value] = None


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def _moment(value: Any) -> datetime | None:
    try:
        return None if value is None else parse_datetime(value)
    except StrawberryInputCoercionError:
        # For the framework to refuse, as whatever is of another type.
        return None


def _of(expected: type, value: Any) -> Any:
    """Give a value that has the type expected; what has another is for the framework to refuse."""
    return value if isinstance(value, expected) and not isinstance(value, bool) else None
