"""Looking up many values at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, ColumnElement, String, Text, any_, bindparam

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


def among_those(column: InstrumentedAttribute[Any], parameter: str) -> ColumnElement[bool]:
    """Compare a column with the values of one parameter.

    IN has a parameter for each, of which a statement takes 32,767 at the most, and is another statement for each number
    of them.
    """
    # To PostgreSQL, text and character varying are the same here. The driver knows what a text[] is; it asks each new
    # connection for what a varchar[] is, which takes longer than hundreds of such statements.
    of_type = Text() if isinstance(column.type, String) else column.type
    return column == any_(bindparam(parameter, type_=ARRAY(of_type)))
