"""Inputs and arguments in which absent and null mean the same.

Their default is UNSET rather than None, which the schema would print as `= null`.
"""

from typing import TypeVar

import strawberry

Value = TypeVar("Value")


def or_none(value: Value | None) -> Value | None:
    """Give None for a value that was left out, else the value itself."""
    return None if value is strawberry.UNSET else value
