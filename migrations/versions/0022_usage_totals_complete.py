"""Totals of usage that need no back-fill any more."""

from __future__ import annotations

from alembic import op

from migrations import backfill, usage_counting

revision = "4fd80b2ae735"
down_revision = "e61a94f7c20d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write changes down no longer, and drop what served the back-fills."""
    # A writer in the middle of the function would look for a table that is gone: let none be there.
    op.execute("LOCK TABLE usage_logs IN SHARE ROW EXCLUSIVE MODE")
    usage_counting.create_functions(writing_down_changes=False, replace=True)
    # Nothing but the function used it.
    op.execute(f"-- squawk-ignore ban-drop-table\nDROP TABLE {usage_counting.CHANGES}")
    backfill.drop_state()


def downgrade() -> None:
    """Bring the back-fills' tables back, with nothing left to do."""
    op.execute("LOCK TABLE usage_logs IN SHARE ROW EXCLUSIVE MODE")
    backfill.create_state()
    backfill.record_as_complete("messages")
    backfill.record_as_complete("chat_sessions")
    backfill.record_as_complete("usage_logs")
    usage_counting.create_table_of_changes()
    usage_counting.create_functions(writing_down_changes=True, replace=True)
