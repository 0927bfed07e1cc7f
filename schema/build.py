"""Putting the schema together."""

import logging

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema.api_keys.api_key import ApiKey
from schema.documents.checks import Checks
from schema.documents.exploration import Exploration
from schema.documents.extension import DocumentChecks
from schema.documents.large_operations import LargeOperations
from schema.documents.limits import DocumentLimits
from schema.documents.prepared import Documents
from schema.error_codes import ERRORS_MAXIMUM, INTERNAL, UNAVAILABLE, code_of
from schema.errors import REFUSAL_HANDLERS
from schema.introspection import describe_one_of
from schema.mutation import Mutation
from schema.payload_arguments import PayloadArguments
from schema.query import Query
from schema.scalars import SCALARS
from schema.sessions.message import Message
from schema.sessions.session import Session
from schema.teams.team import Team

logger = logging.getLogger(__name__)


class Schema(strawberry.Schema):
    """The schema, with the defects of this service in its log and the mistakes of its callers left out of it.

    `checks` hold its documents, and say what may be executed; `large_operations` say when.
    """

    checks: Checks
    large_operations: LargeOperations

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:  # noqa: ARG002 - the framework's signature
        """Log what a caller is not told: an outage in one line, and each defect once, however many fields it failed."""
        if outages := [error for error in errors if code_of(error) == UNAVAILABLE]:
            cause = outages[0].original_error and outages[0].original_error.__cause__
            logger.warning(
                "The database is unavailable.",
                extra={
                    "reason": outages[0].message,
                    "cause": type(cause).__name__ if cause else "known before",
                    "fields": len(outages),
                },
            )
        defects = {_place(error): error for error in reversed(errors) if code_of(error) == INTERNAL}
        for error in list(reversed(defects.values()))[:ERRORS_MAXIMUM]:
            logger.error(
                "A resolver failed.",
                exc_info=error.original_error or error,
                extra={"path": ".".join(map(str, error.path or ()))},
            )


def _place(error: GraphQLError) -> tuple[object, ...]:
    """Tell one defect from another: by its kind, its words and the line that raised it."""
    raised = error.original_error or error
    traced = raised.__traceback__
    while traced is not None and traced.tb_next is not None:
        traced = traced.tb_next
    return type(raised), str(raised), traced and (traced.tb_frame.f_code, traced.tb_lineno)


def build_schema(limits: DocumentLimits | None = None, exploration: Exploration = Exploration.EVERYONE) -> Schema:
    """Build the schema; cheap enough for each process and test. Its state is documents that it keeps, and turns."""
    schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[ApiKey, Message, Session, Team],
        config=StrawberryConfig(scalar_map=SCALARS),
        # The first is made for each request, when the checks are there.
        extensions=[lambda: DocumentChecks(schema.checks, schema.large_operations), PayloadArguments],
        exception_handlers=REFUSAL_HANDLERS,
    )
    describe_one_of(schema._schema)  # noqa: SLF001 - as below
    documents = Documents(schema._schema, limits or DocumentLimits())  # noqa: SLF001 - how tools of the framework reach graphql-core's schema
    schema.checks = Checks(documents, exploration)
    schema.large_operations = LargeOperations()
    return schema


def sdl(schema: strawberry.Schema) -> str:
    """Give the schema as text, as it is committed."""
    return schema.as_str() + "\n"
