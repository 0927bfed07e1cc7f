"""Totals of older usage."""

from __future__ import annotations

from migrations import backfill, usage_counting

revision = "e61a94f7c20d"
down_revision = "07e3b5c1d892"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the logs that are older than the totals add up to. No writer waits for it, nor it for a writer."""
    backfill.in_batches(
        "usage_logs", usage_counting.sum_of_older_usage(), rows=20_000, activity="Summing older usage logs"
    )


def downgrade() -> None:
    """Leave the totals: the revision below drops their table."""
