"""Bounds of quotas, for new values only."""

from __future__ import annotations

from alembic import op

revision = "a6810fd24c7b"
down_revision = "3d7f92ac6e15"
branch_labels = None
depends_on = None

_COLUMNS = ("monthly_quota", "daily_quota")


def upgrade() -> None:
    """Refuse a negative quota where it is written, rather than every change of a row that has had one for years.

    A check constraint looks at the whole row at each update. The earlier service writes these rows too: it has to be
    able to rename or deactivate a team whatever its quota is.
    """
    op.execute(
        """
        CREATE FUNCTION platform_config_check_quotas() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.monthly_quota < 0 AND (TG_OP = 'INSERT' OR NEW.monthly_quota IS DISTINCT FROM OLD.monthly_quota) THEN
                RAISE check_violation USING MESSAGE = 'a monthly quota cannot be negative',
                    TABLE = 'teams', CONSTRAINT = 'ck_teams_monthly_quota';
            END IF;
            IF NEW.daily_quota < 0 AND (TG_OP = 'INSERT' OR NEW.daily_quota IS DISTINCT FROM OLD.daily_quota) THEN
                RAISE check_violation USING MESSAGE = 'a daily quota cannot be negative',
                    TABLE = 'teams', CONSTRAINT = 'ck_teams_daily_quota';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER platform_config_check_quotas BEFORE INSERT OR UPDATE ON teams"
        " FOR EACH ROW EXECUTE FUNCTION platform_config_check_quotas()"
    )
    for column in _COLUMNS:
        # What it guaranteed of new values, the trigger does.
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE teams DROP CONSTRAINT ck_teams_{column}")


def downgrade() -> None:
    """Look at the whole row again."""
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE teams ADD CONSTRAINT ck_teams_{column} CHECK ({column} >= 0) NOT VALID")
    op.execute("DROP TRIGGER platform_config_check_quotas ON teams")
    op.execute("DROP FUNCTION platform_config_check_quotas()")
