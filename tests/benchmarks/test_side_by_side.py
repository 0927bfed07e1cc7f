"""The comparison compares what is the same, and says what it has measured."""

from __future__ import annotations

import asyncio
import re
import shutil
from typing import TYPE_CHECKING

import click
import pytest

from benchmarks.side_by_side.__main__ import Plan, Size, measure
from benchmarks.side_by_side.handwritten import configuration
from benchmarks.side_by_side.operations import CHANGED_TEAMS, HANDWRITTEN, OPERATIONS
from benchmarks.side_by_side.servers import COMPILED, HAND
from domain.config.defaults import platform_defaults
from domain.config.settings_table import AVAILABLE_MODELS, DEFAULT_MODEL, MAX_HISTORY, RATE_LIMIT
from domain.platform import COMMANDS, PlatformType

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE = Size(teams=200, sessions=1000, usage=2000)


def compare(address: str, operations: Sequence[str]) -> None:
    plan = Plan(
        [HAND, COMPILED],
        {name: OPERATIONS[name] for name in operations},
        concurrency=[8],
        rounds=1,
        seconds=1,
        seconds_to_warm_up=0,
    )
    asyncio.run(measure(address, plan, SIZE, cores=()))


def test_every_operation_is_answered_and_written_the_same(
    postgres_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where there is nothing to measure with, which is said."""
    monkeypatch.setenv("PATH", "")

    compare(postgres_address, list(OPERATIONS))

    output = capsys.readouterr().out
    assert f"{len(OPERATIONS)} operations are answered the same by hand-written, compiled." in output
    assert "SKIPPED: nothing was measured, because wrk is not installed." in output


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_what_was_measured_is_printed(postgres_address: str, capsys: pytest.CaptureFixture[str]) -> None:
    compare(postgres_address, ["one team", "updateTeamOverrides"])

    output = capsys.readouterr().out
    spread = r"[\d.,]+ \([\d.,]+–[\d.,]+\)"  # noqa: RUF001 - a range
    for operation in ("one team", "updateTeamOverrides"):
        # In proportion to the endpoint by requests and by the processor, and the other way round.
        assert len(re.findall(rf"^\| {operation} \| 8 \| {spread} \|$", output, re.MULTILINE)) == 3
        for server in (HAND, COMPILED):
            (line,) = re.findall(rf"^\| {operation} \| 8 \| {server} \|.*$", output, re.MULTILINE)
            rate, *milliseconds = line.strip("| ").split(" | ")[3:]
            assert re.fullmatch(spread, rate)
            assert all(float(number) > 0 for number in milliseconds), line


@pytest.mark.parametrize("server", OPERATIONS["updateTeamOverrides"].requests)
def test_no_team_is_asked_for_the_same_again(server: str) -> None:
    """Where it is, there is nothing to change: that writes no trail, and is quicker than a change."""
    requests = OPERATIONS["updateTeamOverrides"].requests[server]
    assert len(requests.templates) == CHANGED_TEAMS
    turns = 10_000
    bodies = {requests.at(turn * CHANGED_TEAMS).body for turn in range(turns)}
    assert len(bodies) == turns
    assert "@" not in "".join(bodies)


def test_a_difference_ends_it(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that do not do the same are not compared, and both answers are shown."""
    another = OPERATIONS["10 teams"].requests[HANDWRITTEN]
    monkeypatch.setitem(OPERATIONS["one team"].requests, HANDWRITTEN, another)

    with pytest.raises(click.ClickException, match="one team: hand-written and compiled differ"):
        compare(postgres_address, ["one team"])


@pytest.mark.parametrize(
    ("platform_type", "written"),
    [(PlatformType.PUBLIC, configuration.PUBLIC), (PlatformType.PRIVATE, configuration.PRIVATE)],
)
def test_the_endpoint_has_the_programs_defaults(platform_type: PlatformType, written: configuration.Defaults) -> None:
    defaults = platform_defaults(platform_type)
    assert written == (
        defaults[DEFAULT_MODEL],
        list(defaults[AVAILABLE_MODELS]),
        defaults[RATE_LIMIT],
        defaults[MAX_HISTORY],
    )
    assert list(COMMANDS) == configuration.COMMANDS
