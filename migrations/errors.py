"""Why a migration did not happen. Each message says what was found and what to do about it.

MigrationError
├── LockUnavailable         a table was in use for too long; the step was rolled back
├── RowsCameMeanwhile       a row was written that a step of an adoption forbids; the step was taken back
└── MigrationRefused        nothing was changed
    ├── UnknownRevision         no such revision in this release
    ├── UnmanagedDatabase       tables that no revision of ours made
    │   └── MisfitDatabase          compared with what ours build on, they do not fit
    ├── AdoptionDeclined        the plan to take over such tables was not agreed to
    └── ExistingTablesAtStake   a downgrade that would drop tables of the earlier service
"""

from __future__ import annotations


class MigrationError(Exception):
    """Base of what the runner raises."""


class LockUnavailable(MigrationError):
    """A table was in use for longer than a migration may wait. Running again is safe."""


class RowsCameMeanwhile(MigrationError):
    """Between the comparison of a table and its mending, a row was written that does not fit."""


class MigrationRefused(MigrationError):
    """The migration was not begun."""


class UnknownRevision(MigrationRefused):
    """This release has no such revision."""


class UnmanagedDatabase(MigrationRefused):
    """The database holds our tables' names, and not our version."""


class MisfitDatabase(UnmanagedDatabase):
    """The tables of the earlier service are not what our revisions build on. The message lists all that is wrong."""


class AdoptionDeclined(MigrationRefused):
    """Whoever was asked did not agree to the plan."""


class ExistingTablesAtStake(MigrationRefused):
    """The tables that a downgrade would drop belong to an earlier service as well."""
