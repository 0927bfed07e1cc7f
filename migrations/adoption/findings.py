"""What a comparison comes to: things that do not fit, things to mend, and things to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrations.adoption.mends import Mend


@dataclass(frozen=True, slots=True)
class Misfit:
    """A reason to refuse, as a sentence without its subject: what `table` is, has or lacks, and what can be done.

    A `table` that is empty stands for the database itself.
    """

    table: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is kept and worth knowing."""

    table: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was found, in the order of the tables. With misfits, there is nothing that could be done."""

    misfits: tuple[Misfit, ...] = ()
    mends: tuple[Mend, ...] = ()
    notes: tuple[Note, ...] = ()
