"""Answers and commits get lost on their way: reads are made again, and changes are whole or not there."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.api.processes import wait_for
from tests.faults.ledger import Ledger
from tests.faults.requests import CREATE, TEAMS, assert_unavailable, timed
from tests.faults.stored_teams import teams, trail

if TYPE_CHECKING:
    from tests.faults.proxy import Proxy
    from tests.running_api import RunningApi


def test_an_answer_that_is_cut_is_asked_for_again(api: RunningApi, proxy: Proxy) -> None:
    """Wherever the cut is: after any number of bytes of the answers."""
    api.execute(CREATE, {"name": "there"})
    for count in (1, 2, 5, 6, 20, 50, 100, 200, 300):
        proxy.cut_after(count)
        assert api.execute(TEAMS)["teams"]["totalCount"] == 1, count


def test_a_commit_whose_answer_is_lost_is_not_repeated(migrated_database: str, api: RunningApi, proxy: Proxy) -> None:
    """It took place, and nobody here can know: the caller is told to look."""
    api.execute(TEAMS)
    proxy.lose_answer_to_commit()
    answer = timed(api, CREATE, {"name": "once"})
    assert_unavailable(answer)
    assert "look first whether it took place" in answer.response.text
    assert proxy.commits_seen == 1
    assert teams(migrated_database) == trail(migrated_database) == ["once"]


def test_a_commit_that_is_lost_leaves_nothing(migrated_database: str, api: RunningApi, proxy: Proxy) -> None:
    api.execute(TEAMS)
    proxy.lose_commit()
    assert_unavailable(timed(api, CREATE, {"name": "never"}))
    assert proxy.commits_seen == 1
    assert teams(migrated_database) == trail(migrated_database) == []


def test_a_change_that_is_cut_before_its_commit_is_made_again(
    migrated_database: str, api: RunningApi, proxy: Proxy
) -> None:
    """Nothing of it took place, so the caller need not know."""
    api.execute(TEAMS)
    for count in (1, 30, 60, 90):
        proxy.cut_after(count)
        assert api.execute(CREATE, {"name": f"{count:02}"})["createTeam"]["__typename"] == "CreateTeamSuccess"
    assert teams(migrated_database) == trail(migrated_database) == ["01", "30", "60", "90"]


def test_changes_under_random_cuts_are_whole_and_none_is_lost(
    migrated_database: str, api: RunningApi, proxy: Proxy
) -> None:
    """Cuts after random numbers of bytes, commits that are lost, and answers to commits that are."""
    moments = random.Random(7)  # noqa: S311 - no secret
    ledger = Ledger()
    never = threading.Event()
    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(ledger.write, api, str(name), until=never, changes=60) for name in range(4)]
        for moment in itertools.accumulate(moments.randrange(1, 10) for _ in range(40)):
            wait_for(lambda: ledger.sent >= moment, "so many changes")  # noqa: B023 - called within this round
            fault = moments.choice([proxy.lose_commit, proxy.lose_answer_to_commit, proxy.cut])
            fault()
            proxy.cut_after(moments.randrange(1, 8000))
        for writer in writers:
            writer.result()
    asyncio.run(ledger.check(migrated_database))
    assert ledger.acknowledged > 60
    assert ledger.unanswered.total() > 3, "otherwise this tests nothing"
