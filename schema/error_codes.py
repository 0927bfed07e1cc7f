"""`extensions.code` for every GraphQL error, and what of an error a caller may see."""

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

UNAVAILABLE_MESSAGE = "The database cannot be reached right now. Nothing was lost; try again in a moment."
UNAUTHENTICATED_MESSAGE = "A valid API key is needed: send it as `Authorization: Bearer <key>`."


def code_of(error: GraphQLError, *, before_execution: bool = False) -> str:
    """Classify an error. `before_execution` says that the document did not parse or validate."""
    if error.extensions and isinstance(code := error.extensions.get("code"), str):
        return code
    if isinstance(error, GraphQLSyntaxError):
        return PARSE_FAILED
    if error.original_error is None:
        # Beyond validation, the framework itself only finds fault with variables.
        return VALIDATION_FAILED if before_execution else BAD_USER_INPUT
    return next((code for raised, code in _CODES if isinstance(error.original_error, raised)), INTERNAL)


def presented(error: GraphQLError, *, before_execution: bool, request_id: str) -> GraphQLError:
    """Give an error as a caller may see it: with its code, and without what happened inside."""
    code = code_of(error, before_execution=before_execution)
    message, extensions = error.message, {**(error.extensions or {}), "code": code}
    if code == INTERNAL:
        message = "Something went wrong inside the service. Quote the request id when you report it."
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
