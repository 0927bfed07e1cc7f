"""Platform type and overrides of teams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "feb0660268aa"
down_revision = "71521c6321dc"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("platform_type", sa.String(50), "public or private; decides the defaults that the team inherits"),
    ("rate_limit", sa.Integer(), "Override: requests per minute for each user; null inherits the platform default"),
    (
        "max_history",
        sa.Integer(),
        "Override: messages of context that a session keeps; null inherits the platform default",
    ),
    (
        "default_model",
        sa.String(255),
        "Override: model that a new session starts with; null inherits the platform default",
    ),
    (
        "available_models",
        sa.JSON(),
        "Override: list of the models that sessions may use; null inherits the platform default",
    ),
    (
        "allow_model_switch",
        sa.Boolean(),
        "Override: whether users may change the model of a session; null inherits the platform default",
    ),
)


def upgrade() -> None:
    """Add the six columns; the one public platform of that time becomes public, all others are private."""
    for name, kind, comment in _COLUMNS:
        is_type = name == "platform_type"
        op.add_column(
            "teams",
            sa.Column(
                name,
                kind,
                server_default=sa.text("'private'") if is_type else None,
                nullable=not is_type,
                comment=comment,
            ),
        )
    op.execute("UPDATE teams SET platform_type = 'public' WHERE platform_name = 'telegram'")
    # The table is small and locked already; built concurrently, the index could not be of one piece with its column.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX ix_teams_platform_type ON teams (platform_type)"
    )


def downgrade() -> None:
    """Remove the columns; the index goes with its own."""
    for name, _, _ in reversed(_COLUMNS):
        op.drop_column("teams", name)
