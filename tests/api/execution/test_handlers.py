"""What resolvers raise is answered by the framework's handlers, in a plan as by the library."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
import strawberry

from tests.api.execution.both_ways import by_plan, by_the_library


class Refused(Exception):
    """Handled at once."""


class RefusedInDetail(Refused):
    """Handled by the same handler as what it is a kind of."""


class RefusedLater(Exception):
    """Handled by what is awaited."""


class Declined(Exception):
    """Looked at by a handler, and not answered."""


class Unknown(Exception):
    """Handled by nobody."""


RAISED: dict[str, type[Exception]] = {
    "nothing": Exception,
    "Refused": Refused,
    "RefusedInDetail": RefusedInDetail,
    "RefusedLater": RefusedLater,
    "Declined": Declined,
    "Unknown": Unknown,
}


@strawberry.type
class Done:
    """No refusal."""

    what: str


@strawberry.type
class Refusal:
    """A refusal, with the field that it is of."""

    message: str


Outcome = Annotated[Done | Refusal, strawberry.union("Outcome")]


class AtOnce(strawberry.ExceptionHandler[Refused, Refusal]):
    """Answers with the field's name."""

    exception_type = Refused
    error_type = Refusal

    def handle(self, exception: Refused, *, field: Any, info: strawberry.Info) -> Refusal:
        return Refusal(message=f"{exception} in {field.name} at {info.path.as_list()}")


class Later(strawberry.ExceptionHandler[RefusedLater, Refusal]):
    """Answers with what has to be awaited."""

    exception_type = RefusedLater
    error_type = Refusal

    async def handle(self, exception: RefusedLater, *, field: Any, info: strawberry.Info) -> Refusal:
        return Refusal(message=f"later {exception} in {field.name} at {info.path.as_list()}")


class Declining(strawberry.ExceptionHandler[Declined, Refusal]):
    """Answers nothing."""

    exception_type = Declined
    error_type = Refusal

    def handle(self, exception: Declined, *, field: Any, info: strawberry.Info) -> Refusal | None:  # noqa: ARG002 - the framework's signature
        return None


def outcome(raised: str) -> Done:
    if raised != "nothing":
        raise RAISED[raised]("no")
    return Done(what="done")


@strawberry.type
class Query:
    """Raises what it is told to."""

    @strawberry.field
    async def later(self, raised: str) -> Outcome:
        return outcome(raised)

    @strawberry.field
    def at_once(self, raised: str) -> Outcome | None:
        return outcome(raised)

    @strawberry.field
    async def unhandled(self, raised: str) -> Done | None:
        return outcome(raised)


SCHEMA = strawberry.Schema(query=Query, exception_handlers=[AtOnce(), Later(), Declining()])
SELECTED = "{ ... on Done { what } ... on Refusal { message } }"


@pytest.mark.parametrize("raised", RAISED)
async def test_what_a_resolver_raises_is_answered_the_same(raised: str) -> None:
    document = f"""query($raised: String!) {{
        later(raised: $raised) {SELECTED}
        again: later(raised: $raised) {SELECTED}
        atOnce(raised: $raised) {SELECTED}
        unhandled(raised: $raised) {{ what }}
    }}"""
    expected = await by_the_library(SCHEMA, document, {"raised": raised}, None)
    assert await by_plan(SCHEMA, document, {"raised": raised}, lambda: (None, None)) == [expected, expected]
    answered = raised in ("nothing", "Refused", "RefusedInDetail", "RefusedLater")
    assert (json.loads(expected)["data"] is not None) is answered
