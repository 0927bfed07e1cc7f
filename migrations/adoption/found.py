"""What a database holds in the place of the earlier service's tables, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

ORDINARY_TABLE: Final = "table"


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column. `type` and `default` are as PostgreSQL writes them."""

    name: str
    type: str
    nullable: bool
    default: str | None = None
    is_identity: bool = False
    is_generated: bool = False

    @property
    def fills_itself(self) -> bool:
        """Whether a row that does not name the column gets a value all the same."""
        return self.default is not None or self.is_identity or self.is_generated


@dataclass(frozen=True, slots=True)
class FoundIndex:
    """An index. `definition` is what follows USING; a column of it that is an expression is an empty name."""

    name: str
    columns: tuple[str, ...]
    definition: str
    is_unique: bool
    is_primary: bool
    is_valid: bool


@dataclass(frozen=True, slots=True)
class FoundForeignKey:
    """A foreign key. `actions` is what becomes of rows that refer to a changed one; empty refuses the change."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    actions: str
    is_validated: bool


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A relation that bears the name of a table. All but `kind` and the owner is empty where it is no ordinary table.

    `rows` is an estimate, None where nobody knows. `checks` are check constraints by name, with whether they are
    validated; `others` are triggers and exclusion constraints, in words.
    """

    name: str
    kind: str
    owner: str
    may_alter: bool
    rows: int | None = None
    columns: dict[str, FoundColumn] = field(default_factory=dict)
    indexes: dict[str, FoundIndex] = field(default_factory=dict)
    foreign_keys: tuple[FoundForeignKey, ...] = ()
    checks: dict[str, bool] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def constraint_names(self) -> frozenset[str]:
        """Names that no further constraint of the table can bear."""
        return frozenset({*self.checks, *(key.name for key in self.foreign_keys)})


@dataclass(frozen=True, slots=True)
class FoundDatabase:
    """What stands in the current schema.

    `earlier_version` is what `alembic_version` holds, None where there is no such table or it cannot be read.
    `relations` names the table that each further relation belongs to, or its kind: all those that bear a name which
    this service uses.
    """

    schema: str
    account: str
    may_create: bool
    earlier_version: tuple[str, ...] | None
    tables: dict[str, FoundTable]
    relations: dict[str, str]
