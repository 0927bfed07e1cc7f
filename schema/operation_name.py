"""Of several operations in a document, the caller has to name one."""

from collections.abc import Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension


class OperationNameRequired(SchemaExtension):
    """Refuses a document with several operations and no name, as the GraphQL specification has it (6.1).

    The framework would run the first, and drop the others without a word.
    """

    def on_validate(self) -> Iterator[None]:
        """Judge the document before the framework does; what is refused here is not validated further."""
        context = self.execution_context
        document = context.graphql_document
        # The public property gives the name of the first operation where none was asked for.
        named = context._provided_operation_name is not None  # noqa: SLF001 - see above
        if document is not None and not named:
            operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
            if len(operations) > 1:
                message = "The document has several operations: say which one to run with `operationName`."
                context.pre_execution_errors = [GraphQLError(message, nodes=operations)]
        yield
