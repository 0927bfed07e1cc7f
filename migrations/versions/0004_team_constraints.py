"""Bounds on what teams may hold."""

from __future__ import annotations

from alembic import op

revision = "6e400597f7f1"
down_revision = "eead146b901c"
branch_labels = None
depends_on = None

_CONSTRAINTS = {
    "ck_teams_platform_type": "platform_type IN ('public', 'private')",
    "ck_teams_monthly_quota": "monthly_quota >= 0",
    "ck_teams_daily_quota": "daily_quota >= 0",
    "ck_teams_rate_limit": "rate_limit BETWEEN 1 AND 1000",
    "ck_teams_max_history": "max_history BETWEEN 1 AND 100",
    "ck_teams_default_model": "char_length(default_model) >= 1",
    "ck_teams_available_models": (
        "CASE WHEN json_typeof(available_models) = 'array' "
        "THEN json_array_length(available_models) BETWEEN 1 AND 100 ELSE available_models IS NULL END"
    ),
    "ck_teams_revision": "revision >= 1",
}


def upgrade() -> None:
    """Hold new values to the bounds.

    The constraints are NOT VALID and no revision may ever validate them: existing rows that break them have to stay,
    and stay readable. Whatever inserts or updates a row meets the bounds, also in columns that it does not change.
    """
    for name, condition in _CONSTRAINTS.items():
        op.execute(f"ALTER TABLE teams ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")


def downgrade() -> None:
    """Drop the bounds."""
    for name in reversed(_CONSTRAINTS):
        op.execute(f"ALTER TABLE teams DROP CONSTRAINT {name}")
