"""Usage of sessions that have no team."""

from __future__ import annotations

from alembic import op

revision = "3d7f92ac6e15"
down_revision = "b95a3e6f1c08"
branch_labels = None
depends_on = None

_COLUMNS = ("team_id", "api_key_id")


def upgrade() -> None:
    """Let a usage log name neither team nor key. Programs that always name both notice nothing."""
    for column in _COLUMNS:
        # Other programs go on writing both; whoever reads the logs of a team never meets one without.
        op.execute(f"-- squawk-ignore ban-drop-not-null\nALTER TABLE usage_logs ALTER COLUMN {column} DROP NOT NULL")


def downgrade() -> None:
    """Require both again, unless there are logs without them: no row is lost for the sake of a constraint."""
    for column in _COLUMNS:
        op.execute(
            f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM usage_logs WHERE {column} IS NULL) THEN
                    ALTER TABLE usage_logs ALTER COLUMN {column} SET NOT NULL;
                END IF;
            END $$
            """
        )
