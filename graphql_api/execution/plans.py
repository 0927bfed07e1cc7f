"""The plans that are kept: of operations that came more than once, for as long as their documents are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from graphql import DirectiveNode, VariableNode, Visitor, visit

from graphql_api.execution.plan import Plan
from graphql_api.execution.shared_answers import SharedAnswers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FragmentDefinitionNode, OperationDefinitionNode
    from graphql.execution.values import VariableValues

    from schema.build import Schema
    from schema.documents.prepared import PreparedOperation

FIELDS_MAXIMUM = 500
"""How many fields an operation may have to be compiled, those of fragments where spread: each takes 0.1 ms."""

FIELDS_KEPT_MAXIMUM = 20_000
"""How many fields the plans that are kept may have together: each takes some 2 kB."""

PLANS_MAXIMUM = 8
"""How many plans an operation may have, one for each set of answers to what it asks of variables."""

USES_BEFORE_COMPILING = 1
"""How often an operation is executed before it is compiled: what comes once is not worth the time that it takes."""


@dataclass(slots=True)
class _Planned:
    """The variables that `@skip` and `@include` of an operation ask, and its plans by the answers."""

    conditions: list[str]
    uses: int = 0
    plans: dict[tuple[object, ...], Plan] = field(default_factory=dict)


class Plans:
    """Makes plans for operations that come more than once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._shared = SharedAnswers()
        self._planned: WeakKeyDictionary[PreparedOperation, _Planned] = WeakKeyDictionary()

    def plan(self, operation: PreparedOperation, variable_values: VariableValues) -> Plan | None:
        """Give an operation's plan for the values of its variables; None where it has none, or none yet."""
        planned = self._planned.get(operation)
        if planned is None:
            if operation.introspects or operation.fields > FIELDS_MAXIMUM:
                return None
            planned = self._planned[operation] = _Planned(conditions(operation.node, operation.fragments))
        answers = tuple([variable_values.coerced.get(name) for name in planned.conditions])
        for answer in answers:
            if not isinstance(answer, bool):
                return None
        if (plan := planned.plans.get(answers)) is not None:
            return plan
        planned.uses += 1
        if planned.uses <= USES_BEFORE_COMPILING or len(planned.plans) == PLANS_MAXIMUM:
            return None
        given = dict(zip(planned.conditions, answers, strict=True))
        plan = planned.plans[answers] = Plan(self._schema, operation.node, operation.fragments, given, self._shared)
        self._keep_few()
        return plan

    def _keep_few(self) -> None:
        """Forget all plans where there are too many: those that are in use are soon made again."""
        kept = sum(operation.fields * len(planned.plans) for operation, planned in self._planned.items())
        if kept > FIELDS_KEPT_MAXIMUM:
            self._planned.clear()


def conditions(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> list[str]:
    """Name the variables of an operation that its directives ask; those of the document's other operations left out."""
    asked = _Conditions()
    for part in (node, *fragments.values()):
        visit(part, asked)
    return sorted(asked.names & {each.variable.name.value for each in node.variable_definitions or ()})


class _Conditions(Visitor):
    """Collects the variables that directives ask."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        values = [argument.value for argument in node.arguments or ()]
        self.names.update(value.name.value for value in values if isinstance(value, VariableNode))
