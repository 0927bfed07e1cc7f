"""The base of the tables, with the naming of constraints that refusals are recognised by."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import DateTime, Integer, MetaData, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from db.types import UtcDateTime

UTC_NOW = text("timezone('utc', now())")
"""The present, for a column without zone: `now()` alone would give it in the zone of the connection."""

UTC_THIS_MOMENT = text("timezone('utc', clock_timestamp())")
"""The moment itself: `now()` is when the transaction began, which may be before it got its lock."""

IntegerId = Annotated[int, mapped_column(Integer, primary_key=True)]

AWARE = DateTime(timezone=True)
NAIVE_UTC = UtcDateTime()


class Base(DeclarativeBase):
    """What every table shares."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
