"""Sessions of existing messages: made later, by the revision 5b8e1f70d3a9."""

from __future__ import annotations

revision = "ba6c7b9515b4"
down_revision = "76fa77fd3e26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do nothing.

    The sessions are made in batches once a trigger sees to those of new messages. All at once, as this revision made
    them at first, they would be one statement as long as there are messages, and those written meanwhile had none.
    """


def downgrade() -> None:
    """Leave the sessions: the revision below drops their table."""
