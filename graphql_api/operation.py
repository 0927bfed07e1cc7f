"""The operation that a request asks for, read from its body or from its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from graphql_api.refusals import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql_api.refusals import Refusal

PARAMETERS_MAXIMUM = 100
"""How many parameters a GET may have."""

_EXAMPLE = '{"query": "{ viewer { name } }"}'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_TYPES: tuple[tuple[type, str], ...] = (
    (dict, "an object"),
    (list, "an array"),
    (str, "a string"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
)


class Operation(NamedTuple):
    """What to execute."""

    query: str
    variables: dict[str, Any] | None
    name: str | None
    extensions: dict[str, Any] | None


def operation_in_body(content: bytes) -> Operation:
    """Read the body of a POST.

    Raises:
        Refusal: it is no JSON object in UTF-8, or its members have other types than an operation has.
    """
    body = _json(content, "The body")
    if isinstance(body, list):
        raise bad_request("The body is an array, and batches are not taken: send one JSON object for each operation.")
    if not isinstance(body, dict):
        raise bad_request(f"The body has to be a JSON object like {_EXAMPLE}; this is {_json_type(body)}.")
    return _operation(body)


def operation_in_parameters(query_string: bytes) -> Operation:
    """Read the parameters of a GET, of which `variables` and `extensions` are JSON. An empty one counts as not given.

    Raises:
        Refusal: see operation_in_body().
    """
    try:
        pairs = parse_qsl(query_string.decode(), errors="strict", max_num_fields=PARAMETERS_MAXIMUM)
    except UnicodeDecodeError:
        raise bad_request("The parameters have to be percent-encoded UTF-8.") from None
    except ValueError:
        raise bad_request(f"There may be at most {PARAMETERS_MAXIMUM} parameters.") from None
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name in parameters:
            raise bad_request("A parameter is given more than once; give each once.")
        parameters[name] = (
            _json(value.encode(), f"The parameter `{name}`") if name in ("variables", "extensions") else value
        )
    return _operation(parameters)


def _operation(members: Mapping[str, Any]) -> Operation:
    query = members.get("query")
    if query is None or query == "":
        raise bad_request(f"`query` is missing: send the document in it, like {_EXAMPLE}.")
    if not isinstance(query, str):
        raise _wrong_type("query", "a string", query)
    name = members.get("operationName")
    if not isinstance(name, str | None):
        raise _wrong_type("operationName", "a string or null", name)
    return Operation(query, _mapping("variables", members), name, _mapping("extensions", members))


def _mapping(name: str, members: Mapping[str, Any]) -> dict[str, Any] | None:
    value = members.get(name)
    if isinstance(value, dict | None):
        return value
    raise _wrong_type(name, "an object or null", value)


def _json(content: bytes, what: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise bad_request(_what_is_wrong(content, what, error)) from None


def _what_is_wrong(content: bytes, what: str, error: orjson.JSONDecodeError) -> str:
    if not content:
        return f"{what} is empty: send JSON like {_EXAMPLE}."
    if content.startswith(_BYTE_ORDER_MARK):
        return f"{what} begins with a byte order mark: send the JSON without one."
    try:
        content.decode()
    except UnicodeDecodeError as undecodable:
        return f"{what} is no UTF-8 from byte {undecodable.start + 1} on: send JSON in UTF-8."
    return f"{what} cannot be read as JSON (line {error.lineno}, column {error.colno}): {error.msg}."


def _wrong_type(name: str, expected: str, value: object) -> Refusal:
    return bad_request(f"`{name}` has to be {expected}; this is {_json_type(value)}.")


def _json_type(value: object) -> str:
    return next((name for of_type, name in _JSON_TYPES if isinstance(value, of_type)), "null")
