"""Which part of a database is ours, and how it differs from the models."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import SAWarning

from db.models import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

VERSION_TABLE: Final = "platform_config_alembic_version"
"""Our version's own table. `alembic_version` belongs to an earlier service that may run beside us."""


def is_ours(name: str | None, kind: str, _parents: Mapping[Any, Any]) -> bool:
    """Tell whether something found in a database is to be compared: whatever is not in a table of another service."""
    return kind != "table" or name in Base.metadata.tables


OPTIONS: Final[Mapping[str, Any]] = {
    "target_metadata": Base.metadata,
    "version_table": VERSION_TABLE,
    "include_name": is_ours,
    "compare_type": True,
    "compare_server_default": True,
}


def differences(connection: Connection) -> list[Any]:
    """Give what Alembic would have to change to make the database equal the models; nothing, after an upgrade.

    Alembic compares neither check constraints nor the names of keys.
    """
    context = MigrationContext.configure(connection, opts=dict(OPTIONS))
    with warnings.catch_warnings():
        # SQLAlchemy 2.1 reflects a constraint that is NOT VALID, and then does not understand its own answer.
        warnings.filterwarnings("ignore", message="Can't validate argument 'dialect_options'", category=SAWarning)
        return list(compare_metadata(context, Base.metadata))
