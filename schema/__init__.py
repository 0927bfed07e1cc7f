"""The GraphQL surface, laid out by noun.

Resolvers authorise, have their input checked by the domain, call one query or command, and return. Modules here go
without `from __future__ import annotations`: the framework reads annotations while the program runs.
"""

# The domain's enumerations have to be described before any type is defined that has one, whatever is imported first.
import schema.enums  # noqa: F401 - see above
