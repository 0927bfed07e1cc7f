"""Documents parsed, held against the limits and validated: once each, and kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
    value_from_ast_untyped,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.documents.cost import OperationCosts, evaluate
from schema.documents.field_costs import FieldCosts
from schema.documents.limits import LimitExceeded, countable
from schema.documents.passed import BYTES_KEPT_MAXIMUM, PassedBySizes
from schema.documents.shape import Shape, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphql import DocumentNode, GraphQLSchema

    from schema.documents.cost import Amount
    from schema.documents.limits import DocumentLimits

BYTES_KEPT = 35_000_000
"""How much memory the documents that are kept may take, as _size() counts it."""

NESTING_MAXIMUM = 100
"""How far selections may lie within each other, fragments included: what follows calls itself for each level."""

FAULTS_MAXIMUM = 20
"""After how many faults validation stops: some repeat a whole value in the message of each, and few are told."""

_NONE: Final[Mapping[str | None, Any]] = MappingProxyType({})

# What the framework would validate by.
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)

# The one rule of validation whose time grows with the square of a document. The library stops it after as many units as
# this attribute says, and sets it so high that one document holds the process for most of a second.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 100_000


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PreparedOperation:
    """An operation of a document, and what it costs."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    fields: int
    introspects: bool
    amount: Amount
    defaults: Mapping[str, Any]

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Give the cost with the values of variables."""
        if isinstance(self.amount, int):
            return self.amount
        return evaluate(self.amount, {**self.defaults, **variables} if self.defaults else variables)


class Checked(NamedTuple):
    """What is executed, or why nothing is. `extensions` are those of the response: the cost, where it was come to."""

    operation: PreparedOperation | None
    refusals: Sequence[GraphQLError]
    extensions: dict[str, Any]
    cost: int = 0


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document that was parsed. `refusals` say why it cannot be executed; it has operations where there are none.

    `passed` has, by the names that requests may ask for them by, the operations that are within all limits whoever asks
    and whatever the variables are; `passed_by_sizes` those whose variables decide whether they are.
    """

    node: DocumentNode
    refusals: Sequence[GraphQLError]
    operations: list[PreparedOperation]
    passed: Mapping[str | None, Checked]
    passed_by_sizes: Mapping[str | None, PassedBySizes]

    def operation(self, name: str | None) -> PreparedOperation | None:
        """Give the operation of a name, or the only one; None where that is not one operation."""
        if name is None:
            return self.operations[0] if len(self.operations) == 1 else None
        found = [
            operation
            for operation in self.operations
            if operation.node.name is not None and operation.node.name.value == name
        ]
        return found[0] if len(found) == 1 else None


class Documents:
    """Prepares documents for a schema, and keeps those that can be executed, the latest used first."""

    def __init__(self, schema: GraphQLSchema, limits: DocumentLimits) -> None:
        self.limits = limits
        self._schema = schema
        self._field_costs = FieldCosts(schema)
        self._kept: OrderedDict[str, PreparedDocument] = OrderedDict()
        self._bytes_kept = 0

    def prepare(self, text: str) -> PreparedDocument:
        """Parse a document, hold it against the limits and validate it.

        Raises:
            LimitExceeded: the text is too long or nested too deeply to be parsed.
            GraphQLSyntaxError: it is no document.
        """
        if (prepared := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return prepared
        prepared = self._prepare(text)
        if not prepared.refusals:
            self._keep(text, prepared)
        return prepared

    def _prepare(self, text: str) -> PreparedDocument:
        document = _parsed(text, self.limits)
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        measured = list(zip(operations, shapes(operations, fragments), strict=True))
        refusals = [*_beyond(self.limits, measured)] or validate(
            self._schema, document, _RULES, max_errors=FAULTS_MAXIMUM
        )
        if refusals:
            return PreparedDocument(document, refusals, [], _NONE, _NONE)
        costs = OperationCosts(self._schema, self._field_costs, fragments)
        prepared = [
            PreparedOperation(node, fragments, shape.fields, shape.introspects, costs.of(node), _defaults(node))
            for node, shape in measured
        ]
        return PreparedDocument(document, [], prepared, *_passed(prepared, self.limits.cost))

    def _keep(self, text: str, prepared: PreparedDocument) -> None:
        self._kept[text] = prepared
        self._bytes_kept += _size(text, prepared)
        while self._bytes_kept > BYTES_KEPT:
            self._bytes_kept -= _size(*self._kept.popitem(last=False))


def _size(text: str, prepared: PreparedDocument) -> int:
    """Give bytes that a document does not exceed: for itself, each token of its tree, and its text, whole and in parts.

    A token takes 370 bytes to 580, the most where each is a field. What passed is kept as well.
    """
    by_sizes = sum(not isinstance(operation.amount, int) for operation in prepared.operations)
    return 3_000 + 600 * prepared.node.token_count + 8 * len(text) + BYTES_KEPT_MAXIMUM * by_sizes


def _passed(
    operations: list[PreparedOperation], maximum: int
) -> tuple[dict[str | None, Checked], dict[str | None, PassedBySizes]]:
    """Check once what would come out the same for each request, or for each with the same sizes."""
    passed: dict[str | None, Checked] = {}
    by_sizes: dict[str | None, PassedBySizes] = {}
    for operation in operations:
        names = [] if operation.node.name is None else [operation.node.name.value]
        asked_by = [*names, None] if len(operations) == 1 else names
        if operation.introspects:
            # That is not for everybody.
            continue
        if not isinstance(operation.amount, int):
            by_sizes |= dict.fromkeys(asked_by, PassedBySizes(operation.amount, operation.defaults))
        elif operation.amount <= maximum:
            passed |= dict.fromkeys(
                asked_by, Checked(operation, (), cost_told(operation.amount, maximum), operation.amount)
            )
    return passed, by_sizes


def cost_told(cost: int, maximum: int) -> dict[str, Any]:
    """Give a cost as `extensions` of a response have it."""
    return {"cost": {"requested": countable(cost), "maximum": maximum}}


def _parsed(text: str, limits: DocumentLimits) -> DocumentNode:
    if len(text) > limits.characters:
        raise LimitExceeded("characters", limits.characters, len(text), "Send long values as variables.")
    try:
        return parse(text, max_tokens=limits.tokens)
    except GraphQLSyntaxError as error:
        # The parser stops at the limit, and tells it from other faults by its words alone.
        if error.description.startswith("Document contains more than"):
            raise LimitExceeded("tokens", limits.tokens, None, "Split it, or send values as variables.") from None
        if error.description.startswith("Document is nested too deeply"):
            raise LimitExceeded("depth", limits.depth, None, "Ask for what lies deeper by its id.") from None
        raise


def _beyond(limits: DocumentLimits, measured: list[tuple[OperationDefinitionNode, Shape]]) -> Iterator[LimitExceeded]:
    """Give each limit that the document exceeds, with the operation that does."""
    if len(measured) > limits.operations:
        yield LimitExceeded("operations", limits.operations, len(measured), "Send those that are not run apart.")
    for operation, shape in measured:
        for limit, maximum, found, remedy in (
            ("root fields", limits.root_fields, shape.root_fields, "Send several requests."),
            ("depth", limits.depth, shape.depth, "Ask for what lies deeper by its id."),
            ("nesting of fragments", NESTING_MAXIMUM, shape.nesting, "Spread fewer within each other."),
            ("aliases", limits.aliases, shape.aliases, "Send several requests."),
            ("directives", limits.directives, shape.directives, "Leave out what does not vary."),
            ("input depth", limits.input_depth, shape.input_depth, "No input of this API is so deep."),
        ):
            if found > maximum:
                yield LimitExceeded(limit, maximum, found, remedy, node=operation)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
