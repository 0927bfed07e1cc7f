"""Existing schema: the four tables of the earlier service."""

from __future__ import annotations

from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable

from migrations.earlier_schema import EARLIER_SCHEMA

revision = "71521c6321dc"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, where no earlier service has made them."""
    for table in EARLIER_SCHEMA.sorted_tables:
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            op.execute(CreateIndex(index))


def downgrade() -> None:
    """Refuse: the tables belong to the earlier service too, and their rows with them."""
    raise RuntimeError("the tables of the earlier service are not dropped; drop the database instead")
