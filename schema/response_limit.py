"""How large an answer may become."""

from graphql import GraphQLError

from schema.documents.limits import LIMIT_EXCEEDED


class ResponseTooLarge(GraphQLError):
    """An answer that is not given because of its size, or text that is not even read for one."""

    def __init__(self, what_happened: str, maximum: int) -> None:
        """Say what happened, and what to do: a page of long messages has to be smaller."""
        super().__init__(
            f"{what_happened} Ask for smaller pages, or for fewer long fields at once.",
            extensions={"code": LIMIT_EXCEEDED, "limit": "response bytes", "maximum": maximum},
        )


def too_much_text(maximum: int) -> ResponseTooLarge:
    """Refuse to read messages. `maximum` is bytes, also of what messages hold that is not selected."""
    return ResponseTooLarge(
        f"The messages that a request reads may hold {maximum:,} bytes of text in all (HTTP_MAXIMUM_RESPONSE_BYTES); "
        "these hold more.",
        maximum,
    )


def too_large_a_response(maximum: int) -> ResponseTooLarge:
    """Withhold an answer of more than `maximum` bytes."""
    return ResponseTooLarge(
        f"The answer may have {maximum:,} bytes (HTTP_MAXIMUM_RESPONSE_BYTES) and has more, so it is not sent; "
        "a mutation took place all the same.",
        maximum,
    )
