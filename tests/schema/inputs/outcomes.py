"""What came of a call, and what no answer may hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi
    from tests.schema.inputs.places import Place

TAKEN, NOT_FOUND, NOT_AVAILABLE = "taken", "not found", "not available"

_ECHO = re.compile(r"(.)\1{200}")
_NOT_OF_GRAPHQL = re.compile(
    r"\b(None|True|False|inf|nan|Exceeds the limit|4300|Traceback|Error\b:|UNSET|Maybe|\w+Exception)\b"
    r"|<class|0x[0-9a-f]{6}"
)


def send(api: RunningApi, body: bytes) -> httpx.Response:
    """Send a request to the letter."""
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
    return api.client.post(f"{api.address}/graphql", content=body, headers=headers)


def outcome_of(api: RunningApi, body: bytes, place: Place) -> str:
    """Send a request and say what came of it, see outcome()."""
    return outcome(send(api, body), place)


def outcome(response: httpx.Response, place: Place) -> str:
    """Say what came of a call: the code of its one error or problem, or one of the words above."""
    body = response.json()
    inspect(response)
    if response.status_code == 400:
        (error,) = body["errors"]
        return str(error["extensions"]["code"])
    assert response.status_code == 200, response.text[:500]
    if "errors" in body:
        codes = {error["extensions"]["code"] for error in body["errors"]}
        assert len(codes) == 1, body
        return str(codes.pop())
    return _of_data(_it(body["data"]), place)


def inspect(response: httpx.Response) -> None:
    """Hold what holds for every answer: nothing that went wrong inside, no echo, no words of Python."""
    for message, code in messages(response.json()):
        assert code not in ("INTERNAL", "UNAVAILABLE"), message
        assert not _NOT_OF_GRAPHQL.search(message), message
        assert len(message) <= 1000, message
    assert not _ECHO.search(response.text), response.text[:500]


def messages(body: Any) -> list[tuple[str, str]]:
    """Give every message of an answer with the code beside it, of errors as of refusals."""
    match body:
        case dict():
            # Fields are asked for by aliases that end in their names.
            told = {name.rpartition("_")[2]: value for name, value in body.items()}
            code = told.get("code") or (told.get("extensions") or {}).get("code", "")
            own = [(told["message"], code)] if isinstance(told.get("message"), str) else []
            return own + [entry for value in body.values() for entry in messages(value)]
        case list():
            return [entry for value in body for entry in messages(value)]
    return []


def _it(data: Any) -> Any:
    while isinstance(data, dict) and "it" not in data:
        ((_, data),) = data.items()
    return data["it"] if isinstance(data, dict) else data


def _of_data(it: Any, place: Place) -> str:
    if it is None or it == [None] or (isinstance(it, dict) and it.get("totalCount") == 0):
        return NOT_FOUND
    if isinstance(it, list):
        return TAKEN
    name = it["__typename"]
    if name == "InvalidInput":
        (problem,) = it["InvalidInput_problems"]
        assert ["input", *problem["path"]] == list(place.path)
        return str(problem["code"])
    if name.endswith("NotFound"):
        return NOT_FOUND
    judged = it.get("AdmitRequestSuccess_admission", it)
    if name == "ModelNotAvailable" or judged.get("reasons") == ["MODEL_NOT_AVAILABLE"]:
        return NOT_AVAILABLE
    return TAKEN
