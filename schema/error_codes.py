"""`extensions.code` for every GraphQL error, and what of an error a caller may see."""

from collections.abc import Iterable

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError

from db.errors import DatabaseUnavailable
from domain.errors import Forbidden
from schema.user_input import BAD_USER_INPUT

FORBIDDEN = "FORBIDDEN"
INTERNAL = "INTERNAL"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
UNAVAILABLE = "UNAVAILABLE"
UNAUTHENTICATED = "UNAUTHENTICATED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (StrawberryInputCoercionError, BAD_USER_INPUT),
    (Forbidden, FORBIDDEN),
    (DatabaseUnavailable, UNAVAILABLE),
)

ERRORS_MAXIMUM = 5
MESSAGE_MAXIMUM_LENGTH = 1_000
# How graphql-core begins to say what else there is.
_SUGGESTION = " Did you mean "

INTERNAL_MESSAGE = "Something went wrong inside the service. Quote the request id when you report it."
UNAVAILABLE_MESSAGE = (
    "The database cannot serve right now; try again in a moment. After a mutation, look first whether it took place."
)
UNAUTHENTICATED_MESSAGE = "A valid API key is needed: send it as `Authorization: Bearer <key>`."


def code_of(error: GraphQLError, *, before_execution: bool = False) -> str:
    """Classify an error. `before_execution` says that the document did not parse or validate."""
    if error.extensions and isinstance(code := error.extensions.get("code"), str):
        return code
    cause = _cause(error)
    if not isinstance(cause, GraphQLError):
        return next((code for raised, code in _CODES if isinstance(cause, raised)), INTERNAL)
    if isinstance(cause, GraphQLSyntaxError):
        return PARSE_FAILED
    if before_execution:
        return VALIDATION_FAILED
    # While executing, the framework finds fault with variables (no path yet) and arguments (it names the nodes), which
    # the caller sent, and with values that resolvers returned.
    return INTERNAL if error.path and not cause.nodes else BAD_USER_INPUT


def _cause(error: GraphQLError) -> Exception:
    """Follow wrapped errors to the one that began it."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def presented(
    errors: Iterable[GraphQLError], *, before_execution: bool, request_id: str, suggestions: bool
) -> list[GraphQLError]:
    """Give the first errors that a caller is told, none of them twice.

    One cause may fail every field of a page; a hundred copies of its message help nobody. `suggestions` says whether
    the caller may be told what names there are.
    """
    told: dict[tuple[object, str], GraphQLError] = {}
    for error in errors:
        shown = _presented(error, before_execution=before_execution, request_id=request_id, suggestions=suggestions)
        told.setdefault(((shown.extensions or {})["code"], shown.message), shown)
        if len(told) == ERRORS_MAXIMUM:
            break
    return list(told.values())


def _presented(error: GraphQLError, *, before_execution: bool, request_id: str, suggestions: bool) -> GraphQLError:
    """Give an error as a caller may see it: with its code, and without what happened inside."""
    code = code_of(error, before_execution=before_execution)
    message, extensions = error.message, {**(error.extensions or {}), "code": code}
    if not suggestions:
        message = message.partition(_SUGGESTION)[0]
    if len(message) > MESSAGE_MAXIMUM_LENGTH:
        message = message[: MESSAGE_MAXIMUM_LENGTH - 1] + "\N{HORIZONTAL ELLIPSIS}"
    if code == INTERNAL:
        message = INTERNAL_MESSAGE
        extensions = {"code": INTERNAL, "requestId": request_id}
    elif code == UNAVAILABLE:
        message = UNAVAILABLE_MESSAGE
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
