"""Messages of the GraphQL library as callers of this API are told them.

The library shows the value at fault in the notation of its own language, and at any length. A caller knows what it
sent, and is told what the value has to be.
"""

import re

from graphql import GraphQLError, ValueNode

_WHOLE_NUMBER = "An Int has to be a whole number from -2147483648 to 2147483647."

# Each is looked for at the beginning only, behind the name of a variable: what follows may be a caller's text.
_VARIABLE = r"(Variable '\$\w+' has invalid value(?: at [\w.\[\]]+)?: )?"
_TOLD = (
    (r"Int cannot represent .*", _WHOLE_NUMBER),
    # Thousands of digits, which are not even read.
    (r"Expected value of type 'Int!?', but encountered error .*", _WHOLE_NUMBER),
    (r"Float cannot represent .*", "A Float has to be a number."),
    (r"String cannot represent .*", "A String has to be text."),
    (r"Boolean cannot represent .*", "A Boolean has to be true or false."),
    (r"ID cannot represent .*", "An ID has to be text or a whole number."),
    (
        r"Enum '(\w+)' cannot represent .*?( Did you mean (?:(?!Did you mean).)*)?",
        r"The value has to be one of those of the enum '\2', written without quotes in a document.\3",
    ),
    (r"Expected value of non-null type '([^']+)!' not to be None\.", r"The value has to be of type '\2' and not null."),
    (r"Expected value of type '(\w+)!?' to be an object, found: .*", r"The value has to be an object of type '\2'."),
    (
        r"(Expected value of type '\w+!?' (?:not to include unknown|to include required) field '\w+'), found: .*",
        r"\2.",
    ),
)
_REWRITTEN = tuple((re.compile(_VARIABLE + pattern, re.DOTALL), rf"\g<1>{told}") for pattern, told in _TOLD)

_MAXIMUM_LENGTH = 250
_LENGTH_OF_BEGINNING = 170
_LENGTH_OF_END = 70


def told(message: str) -> str:
    """Give a message of the library in the words of GraphQL, at most 250 characters long."""
    for pattern, replacement in _REWRITTEN:
        if found := pattern.fullmatch(message):
            message = found.expand(replacement)
            break
    if len(message) <= _MAXIMUM_LENGTH:
        return message
    return f"{message[:_LENGTH_OF_BEGINNING]} … {message[-_LENGTH_OF_END:]}"


def is_about_a_literal(error: GraphQLError) -> bool:
    """Say whether an error is about values that stand in the document: those are the caller's, however they fail."""
    return bool(error.nodes) and all(isinstance(node, ValueNode) for node in error.nodes or ())
