"""Totals of usage, kept by the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import backfill, usage_counting
from migrations.operations import keep_triggers_to_the_owner

revision = "07e3b5c1d892"
down_revision = "b20f6d8e41c3"
branch_labels = None
depends_on = None

_TRANSITION_TABLES = {
    "INSERT": "NEW TABLE AS written",
    "UPDATE": "OLD TABLE AS replaced NEW TABLE AS written",
    "DELETE": "OLD TABLE AS replaced",
}


def upgrade() -> None:
    """Make the table and count whatever happens to usage logs from now on, whoever writes them."""
    op.create_table(
        "usage_totals",
        sa.Column("team_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(255), nullable=False),
        sa.Column("platform", sa.String(50), nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("successes", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("estimated_cost", sa.Numeric(), nullable=False),
        sa.Column("response_ms", sa.BigInteger(), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "team_id", "day", "api_key_id", "model", "platform", "slot", name=op.f("usage_totals_pkey")
        ),
    )
    keep_triggers_to_the_owner("usage_totals")
    usage_counting.create_table_of_changes()
    usage_counting.create_functions(writing_down_changes=True)
    for operation, transition_tables in _TRANSITION_TABLES.items():
        op.execute(
            f"CREATE TRIGGER platform_config_add_usage_{operation.lower()} AFTER {operation} ON usage_logs"
            f" REFERENCING {transition_tables} FOR EACH STATEMENT EXECUTE FUNCTION platform_config_add_usage()"
        )
    op.execute(
        "CREATE TRIGGER platform_config_empty_usage_totals AFTER TRUNCATE ON usage_logs"
        " FOR EACH STATEMENT EXECUTE FUNCTION platform_config_empty_usage_totals()"
    )
    backfill.begin("usage_logs")


def downgrade() -> None:
    """Count no longer, and drop the totals."""
    for operation in _TRANSITION_TABLES:
        op.execute(f"DROP TRIGGER platform_config_add_usage_{operation.lower()} ON usage_logs")
    op.execute("DROP TRIGGER platform_config_empty_usage_totals ON usage_logs")
    op.execute("DROP FUNCTION platform_config_add_usage()")
    op.execute("DROP FUNCTION platform_config_empty_usage_totals()")
    backfill.forget("usage_logs")
    op.drop_table(usage_counting.CHANGES)
    op.drop_table("usage_totals")
