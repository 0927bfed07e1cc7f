"""Looking up many values at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


def among_those(column: InstrumentedAttribute[Any], parameter: str) -> ColumnElement[bool]:
    """Compare a column with the values of one parameter.

    IN has a parameter for each, of which a statement takes 32,767 at the most, and is another statement for each number
    of them.
    """
    return column == any_(bindparam(parameter, type_=ARRAY(column.type)))
