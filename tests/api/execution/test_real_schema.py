"""Operations over the real schema are answered the same, to the byte, by plans and by the library."""

from __future__ import annotations

import os
import re
import uuid
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.api.execution.compared import Compared, compared
from tests.api.execution.real_documents import Writer
from tests.api.execution.real_world import fill, names_in
from tests.conftest import in_database, run_sql
from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.document_limits.prepared_documents import built

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

DOCUMENTS = int(os.environ.get("DIFFERENTIAL_DOCUMENTS", "2000"))
SEED = os.environ.get("DIFFERENTIAL_SEED", "1")
PARTS = 4

MOMENT = re.compile(rb'"(\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00))"')


@contextmanager
def filled_databases(address: str, template: str, copies: int) -> Iterator[tuple[list[str], str]]:
    """Make databases that are all the same, and give their addresses with the key of a team in them."""
    names = [f"differential_{uuid.uuid4().hex}" for _ in range(copies)]
    run_sql(address, f"CREATE DATABASE {names[0]} TEMPLATE {template}")
    key = fill(in_database(address, names[0]))
    run_sql(address, *(f"CREATE DATABASE {name} TEMPLATE {names[0]}" for name in names[1:]))
    # As of a moment ago, so that no use of it is written.
    for name in names:
        run_sql(in_database(address, name), "UPDATE api_keys SET last_used_at = timezone('utc', now())")
    try:
        yield [in_database(address, name) for name in names], key
    finally:
        run_sql(address, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


def of_answer(response: httpx.Response) -> tuple[int, str, bytes]:
    """Give what has to be the same."""
    return response.status_code, response.headers["content-type"], response.content


def compare(servers: Compared, writer: Writer, kind: str, callers: list[str], roots: list[str]) -> str | None:
    """Compare one more document; None where it was one of before, else what became of it."""
    began = datetime.now(UTC) - timedelta(minutes=5)
    sent = writer.operation(kind, roots)
    key = writer.random.choice(callers)
    by_library, by_plan = map(of_answer, servers.ask(sent, key))
    if kind == "mutation":
        # What the database's own clock said is of now, and of a different now in each.
        by_library, by_plan = (
            (*answer[:2], _without_the_present(answer[2], began)) for answer in (by_library, by_plan)
        )
    assert by_plan == by_library, (sent, callers.index(key))
    assert b'"INTERNAL"' not in by_plan[2], (sent, by_plan)
    if b'"data":' not in by_plan[2]:
        return "refused"
    return "with errors" if b'"errors":' in by_plan[2] else "executed"


def _without_the_present(content: bytes, began: datetime) -> bytes:
    def shown(moment: re.Match[bytes]) -> bytes:
        at = datetime.fromisoformat(moment[1].decode())
        return b'"now"' if began <= at <= began + timedelta(days=10) else moment[0]

    return MOMENT.sub(shown, content)


@pytest.mark.parametrize("part", range(PARTS))
def test_queries_are_answered_the_same(postgres_address: str, migrated_template: str, part: int) -> None:
    outcomes: Counter[str | None] = Counter()
    with filled_databases(postgres_address, migrated_template, 1) as ((database,), team_key):
        with compared(database, database) as servers:
            random = Random(f"{SEED}, {part}")  # noqa: S311 - repeatable on purpose
            writer = Writer(random, names_in(servers.library))
            callers = [ADMIN_KEY, ADMIN_KEY, team_key, TELEGRAM_KEY, INTERNAL_KEY]
            for _ in range(DOCUMENTS // PARTS):
                outcomes[compare(servers, writer, "query", callers, [])] += 1
    print(outcomes)
    assert outcomes["executed"] > outcomes.total() // 2


def test_mutations_are_answered_the_same(postgres_address: str, migrated_template: str) -> None:
    """Each server has a database of its own, so that both find the same whatever was changed before."""
    outcomes: Counter[str | None] = Counter()
    mutation_type = built().mutation_type
    assert mutation_type is not None
    mutations = list(mutation_type.fields)
    with filled_databases(postgres_address, migrated_template, 2) as ((one, other), team_key):
        with compared(one, other) as servers:
            random = Random(f"{SEED}, mutations")  # noqa: S311 - repeatable on purpose
            cursors = frozenset({"cursor", "startCursor", "endCursor"})
            writer = Writer(random, names_in(servers.library), left_out=cursors)
            callers = [ADMIN_KEY, ADMIN_KEY, team_key]
            for place in range(DOCUMENTS // 8):
                roots = [mutations[place % len(mutations)], *random.sample(mutations, k=random.randrange(3))]
                outcomes[compare(servers, writer, "mutation", callers, roots)] += 1
    print(outcomes)
    assert outcomes["executed"] > outcomes.total() // 2
