"""What Alembic runs for each command; the runner hands it the connection."""

from __future__ import annotations

from alembic import context
from alembic.util import CommandError

from migrations.comparison import OPTIONS
from migrations.locking import SESSION_SETTINGS


def _write_sql() -> None:
    context.configure(
        dialect_name="postgresql+asyncpg",
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        transaction_per_migration=True,
        **OPTIONS,
    )
    for setting in SESSION_SETTINGS:
        context.execute(setting)
    with context.begin_transaction():
        context.run_migrations()


def _migrate() -> None:
    attributes = context.config.attributes
    if "connection" not in attributes:
        # Alembic's own command line would pass by the lock and the checks.
        raise CommandError("Migrate with `python -m graphql_api migrate`.")
    context.configure(
        connection=attributes["connection"],
        on_version_apply=attributes["on_version_apply"],
        transaction_per_migration=True,
        **OPTIONS,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _write_sql()
else:
    _migrate()
