"""When operations are compiled, and what is kept of them: plans are few, and gone with their documents."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from graphql.execution.values import VariableValues

from graphql_api.execution import plans as module
from graphql_api.execution.plans import Plans
from schema.build import build_schema
from tests.schema.document_limits.prepared_documents import operation

if TYPE_CHECKING:
    from graphql_api.execution.plan import Plan
    from schema.documents.prepared import PreparedOperation

SKIPPING = (
    "query($yes: Boolean!, $name: String!) { platformConfig(platform: $name) { platform @skip(if: $yes) foundBy } }"
)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> Plans:
    """Plans of the real schema, made when they are made in production."""
    monkeypatch.setattr(module, "USES_BEFORE_COMPILING", 1)
    return Plans(build_schema())


def used(plans: Plans, prepared: PreparedOperation, **values: Any) -> Plan | None:
    """Ask for a plan as a request with these variables does."""
    return plans.plan(prepared, VariableValues({}, values))


def numbered(number: int) -> str:
    return f"query Q{number} {{ viewer {{ kind name }} }}"


def test_an_operation_is_compiled_when_it_comes_again(plans: Plans) -> None:
    prepared = operation(numbered(1))
    assert used(plans, prepared) is None
    plan = used(plans, prepared)
    assert plan is not None
    assert used(plans, prepared) is plan


def test_there_is_a_plan_for_each_set_of_answers_and_not_for_other_variables(plans: Plans) -> None:
    prepared = operation(SKIPPING)
    used(plans, prepared, yes=True, name="x")
    skipped, kept = (used(plans, prepared, yes=answer, name="x") for answer in (True, False))
    assert skipped is not None
    assert kept is not None
    assert skipped is not kept
    assert used(plans, prepared, yes=True, name="another") is skipped


class Sent:
    """Stands for the value of a variable."""


def test_a_plan_keeps_no_values_but_the_answers(plans: Plans) -> None:
    """What a caller sends must not stay in memory for as long as a plan does."""
    prepared, sent = operation(SKIPPING), Sent()
    used(plans, prepared, yes=True, name=sent)
    plan = used(plans, prepared, yes=True, name=sent)
    assert plan is not None
    kept = weakref.ref(sent)
    del sent
    gc.collect()
    assert kept() is None


def test_an_answer_that_is_no_boolean_is_left_to_the_library(plans: Plans) -> None:
    prepared = operation("query($yes: Boolean = true) { viewer { kind @skip(if: $yes) name } }")
    assert [used(plans, prepared, yes=None) for _ in range(3)] == [None] * 3


def test_conditions_of_other_operations_of_the_document_do_not_count(plans: Plans) -> None:
    text = (
        "query A { viewer { kind } } query B($yes: Boolean!) { viewer { ...Named } }"
        " fragment Named on Viewer { name @skip(if: $yes) }"
    )
    schema = build_schema()
    prepared = schema.checks.documents.prepare(text).operation("A")
    assert prepared is not None
    used(plans, prepared)
    assert used(plans, prepared) is not None


def test_introspection_is_left_to_the_library(plans: Plans) -> None:
    prepared = operation("{ __schema { queryType { name } } }")
    assert [used(plans, prepared) for _ in range(3)] == [None] * 3


def test_what_is_too_large_is_left_to_the_library(plans: Plans, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = operation(numbered(1))
    monkeypatch.setattr(module, "FIELDS_MAXIMUM", prepared.fields - 1)
    assert [used(plans, prepared) for _ in range(3)] == [None] * 3
    monkeypatch.setattr(module, "FIELDS_MAXIMUM", prepared.fields)
    assert [used(plans, prepared) is None for _ in range(2)] == [True, False]


def test_an_operation_has_few_plans(plans: Plans, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who varies the conditions makes the process keep no more than this."""
    monkeypatch.setattr(module, "PLANS_MAXIMUM", 1)
    prepared = operation(SKIPPING)
    used(plans, prepared, yes=True, name="x")
    assert used(plans, prepared, yes=True, name="x") is not None
    assert used(plans, prepared, yes=False, name="x") is None
    assert used(plans, prepared, yes=True, name="x") is not None


def test_all_plans_together_are_bounded(plans: Plans, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = operation(numbered(1)), operation(numbered(2))
    monkeypatch.setattr(module, "FIELDS_KEPT_MAXIMUM", first.fields)
    used(plans, first)
    assert used(plans, first) is used(plans, first) is not None
    used(plans, second)
    assert used(plans, second) is not None
    # All were forgotten: it counts as one that comes for the first time.
    assert used(plans, first) is None


def test_a_plan_goes_with_its_document(plans: Plans) -> None:
    prepared = operation(numbered(1))
    used(plans, prepared)
    plan = used(plans, prepared)
    assert plan is not None
    kept = weakref.ref(plan)
    del plan
    gc.collect()
    assert kept() is not None
    del prepared
    gc.collect()
    assert kept() is None
