"""Operations over the real schema are answered the same, to the byte, by plans and by the library."""

from __future__ import annotations

import itertools
import os
import re
import uuid
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.abandoned_coroutines import FILTERS
from tests.api.execution.compared import compared
from tests.api.execution.real_documents import Writer
from tests.api.execution.real_world import fill, names_in
from tests.conftest import in_database, run_sql
from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.document_limits.prepared_documents import built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.api.execution.compared import Compared
    from tests.api.execution.real_documents import Sent

DOCUMENTS = int(os.environ.get("DIFFERENTIAL_DOCUMENTS", "2000"))
SEED = os.environ.get("DIFFERENTIAL_SEED", "1")
PARTS = 4
MUTATIONS = DOCUMENTS // 5
# Mutations use up what is in a database, teams and keys, so that more of them begin with a new one.
MUTATION_PARTS = max(1, -(-MUTATIONS // 400))
# Of fewer, chance decides what becomes of them.
ENOUGH_TO_JUDGE = 100
UNAUTHORIZED = 401
ATTEMPTS = 4
# The longest that an answer looks ahead by the clock of the database: a secret that was rotated works for a week.
PRESENT = timedelta(days=10)

MOMENT = re.compile(rb'"(\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00))"')

pytestmark = [pytest.mark.filterwarnings(*FILTERS), pytest.mark.usefixtures("garbage_collected_here")]


@contextmanager
def filled_databases(address: str, template: str, copies: int) -> Iterator[tuple[list[str], str]]:
    """Make databases that are all the same, and give their addresses with the key of a team in them."""
    names = [f"differential_{uuid.uuid4().hex}" for _ in range(copies)]
    run_sql(address, f"CREATE DATABASE {names[0]} TEMPLATE {template}")
    key = fill(in_database(address, names[0]))
    # As of a moment ago, so that no use of a key is written.
    run_sql(in_database(address, names[0]), "UPDATE api_keys SET last_used_at = timezone('utc', now())")
    run_sql(address, *(f"CREATE DATABASE {name} TEMPLATE {names[0]}" for name in names[1:]))
    try:
        yield [in_database(address, name) for name in names], key
    finally:
        run_sql(address, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


def compare(servers: Compared, sent: Sent, key: str) -> str:
    """Compare what is answered, and say what became of it."""
    for _ in range(ATTEMPTS if sent.document.startswith("query") else 1):
        by_library, by_plan = (_of_answer(answer, servers.began) for answer in servers.ask(sent, key))
        # Which of several fields fails first depends on when the one connection is there again, after an operation that
        # was stopped in the middle. Asked again, both have to say the same.
        if by_plan == by_library or b'"errors":' not in by_plan[2] or b'"errors":' not in by_library[2]:
            break
    assert by_plan == by_library, f"{sent.document}\n{sent.variables}\n{_around(by_library[2], by_plan[2])}"
    assert b'"INTERNAL"' not in by_plan[2], (sent, by_plan)
    if by_plan[0] == UNAUTHORIZED:
        return "unauthenticated"
    if b'"data":' not in by_plan[2]:
        return "refused"
    return "with errors" if b'"errors":' in by_plan[2] else "executed"


def _of_answer(response: httpx.Response, began: datetime) -> tuple[int, str, bytes]:
    """Give what has to be the same.

    Not the moments that the clock of the database gave, since it cannot be made to stand: they are of now.
    """

    def shown(found: re.Match[bytes]) -> bytes:
        moment = datetime.fromisoformat(found[1].decode())
        return b'"now"' if began <= moment <= began + PRESENT else found[0]

    return response.status_code, response.headers["content-type"], MOMENT.sub(shown, response.content)


def _around(one: bytes, other: bytes) -> str:
    """Show the places where two answers begin to differ."""
    same = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), 0)
    begin = max(0, same - 150)
    return "\n".join(answer[begin : same + 150].decode(errors="replace") for answer in (one, other))


def distinct(write: Callable[[], Sent], number: int) -> Iterator[Sent]:
    """Write so many operations, none of them twice."""
    written: set[str] = set()
    while len(written) < number:
        sent = write()
        if sent.document not in written:
            written.add(sent.document)
            yield sent


def assert_something_was_compared(outcomes: Counter[str]) -> None:
    """Most operations have to be executed: what is refused is refused before there is anything to compare."""
    if outcomes.total() >= ENOUGH_TO_JUDGE:
        assert outcomes["executed"] > outcomes.total() // 3 > outcomes["refused"], outcomes


@pytest.mark.parametrize("part", range(PARTS))
def test_queries_are_answered_the_same(postgres_address: str, migrated_template: str, part: int) -> None:
    outcomes: Counter[str] = Counter()
    random = Random(f"{SEED}, {part}")  # noqa: S311 - repeatable on purpose
    with (
        filled_databases(postgres_address, migrated_template, 1) as ((database,), team_key),
        compared(database, database) as servers,
    ):
        writer = Writer(random, names_in(servers.library))
        callers = [ADMIN_KEY, ADMIN_KEY, team_key, TELEGRAM_KEY, INTERNAL_KEY]
        for sent in distinct(lambda: writer.operation("query"), DOCUMENTS // PARTS):
            outcomes[compare(servers, sent, random.choice(callers))] += 1
    assert_something_was_compared(outcomes)


@pytest.mark.parametrize("part", range(MUTATION_PARTS))
def test_mutations_are_answered_the_same(postgres_address: str, migrated_template: str, part: int) -> None:
    """Each server has a database of its own, so that both find the same whatever was changed before."""
    outcomes: Counter[str] = Counter()
    random = Random(f"{SEED}, mutations, {part}")  # noqa: S311 - repeatable on purpose
    mutation_type = built().mutation_type
    assert mutation_type is not None
    mutations = itertools.cycle(mutation_type.fields)
    with (
        filled_databases(postgres_address, migrated_template, 2) as ((one, other), team_key),
        compared(one, other) as servers,
    ):
        # Cursors hold moments of the database's clock.
        writer = Writer(random, names_in(servers.library), frozenset({"cursor", "startCursor", "endCursor"}))
        callers = [ADMIN_KEY, ADMIN_KEY, team_key]

        def write() -> Sent:
            others = random.sample(list(mutation_type.fields), k=random.randrange(3))
            return writer.operation("mutation", [next(mutations), *others])

        for sent in distinct(write, MUTATIONS // MUTATION_PARTS):
            outcome = compare(servers, sent, random.choice(callers))
            outcomes[outcome] += 1
            if outcome == "unauthenticated":
                # The team was deleted or its key revoked: from now on, nothing else would come of it.
                callers = [ADMIN_KEY]
    assert_something_was_compared(outcomes)
