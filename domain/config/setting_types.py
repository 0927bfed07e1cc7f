"""The types of settings: their bounds, how an input is checked against them, how a stored value is read.

Input is judged strictly: everything that breaks a bound is a problem. A stored value is read leniently: a read never
fails, so what cannot stand is left out and reported.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from domain.errors import InputProblem, InputProblemCode
from domain.text import NAME_MAXIMUM_LENGTH, clean_name, is_storable, name_problems

SettingValue = int | bool | str | tuple[str, ...]
"""What a setting may hold. Lists are tuples, so that configurations are immutable."""

Value = TypeVar("Value", bound=SettingValue)
Path = tuple[str, ...]


class ConfigViolationCode(enum.Enum):
    """What is wrong with a stored setting."""

    MODEL_NOT_AVAILABLE = "MODEL_NOT_AVAILABLE"
    EMPTY_MODEL_LIST = "EMPTY_MODEL_LIST"
    VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"


class Reading(NamedTuple, Generic[Value]):
    """A stored value as it can be used: `value` is None where nothing of it can stand.

    `violation` says why the value differs from what is stored; None where it does not.
    """

    value: Value | None
    violation: ConfigViolationCode | None = None
    reason: str = ""


class SettingType(Protocol[Value]):
    """The type of a setting with its bounds."""

    def clean(self, value: Value) -> Value:
        """Give an input value in the form in which it is stored."""
        ...

    def problems(self, value: Value, path: Path, label: str) -> list[InputProblem]:
        """List what is wrong with a cleaned input value; empty where nothing is."""
        ...

    def read(self, stored: object) -> Reading[Value]:
        """Read a stored value, whatever it is."""
        ...


@dataclass(frozen=True, slots=True)
class IntegerType:
    """A whole number between two bounds, both included."""

    minimum: int
    maximum: int

    def clean(self, value: int) -> int:
        """Whole numbers have one form."""
        return value

    def problems(self, value: int, path: Path, label: str) -> list[InputProblem]:
        """Check both bounds."""
        if value < self.minimum:
            code = InputProblemCode.TOO_SMALL
        elif value > self.maximum:
            code = InputProblemCode.TOO_LARGE
        else:
            return []
        return [InputProblem(path, code, f"{label} has to be {self.minimum} to {self.maximum}, not {value}.")]

    def read(self, stored: object) -> Reading[int]:
        """Take a number within the bounds and nothing else."""
        if isinstance(stored, int) and not isinstance(stored, bool) and self.minimum <= stored <= self.maximum:
            return Reading(stored)
        return Reading(None, ConfigViolationCode.VALUE_OUT_OF_RANGE, f"it has to be {self.minimum} to {self.maximum}")


@dataclass(frozen=True, slots=True)
class BooleanType:
    """Yes or no."""

    def clean(self, value: bool) -> bool:  # noqa: FBT001 - the protocol's one value
        """Truth values have one form."""
        return value

    def problems(self, value: bool, path: Path, label: str) -> list[InputProblem]:  # noqa: ARG002, FBT001 - see clean
        """Find nothing: both values are allowed."""
        return []

    def read(self, stored: object) -> Reading[bool]:
        """Take a truth value and nothing else."""
        if isinstance(stored, bool):
            return Reading(stored)
        return Reading(None, ConfigViolationCode.VALUE_OUT_OF_RANGE, "it has to be true or false")


@dataclass(frozen=True, slots=True)
class NameType:
    """A name of 1 to `maximum_length` characters."""

    maximum_length: int = NAME_MAXIMUM_LENGTH

    def clean(self, value: str) -> str:
        """Normalise and trim."""
        return clean_name(value)

    def problems(self, value: str, path: Path, label: str) -> list[InputProblem]:
        """Check length and characters."""
        return name_problems(value, path, label=label, maximum_length=self.maximum_length)

    def read(self, stored: object) -> Reading[str]:
        """Take text within the bounds and nothing else."""
        if isinstance(stored, str) and 1 <= len(stored) <= self.maximum_length and is_storable(stored):
            return Reading(stored)
        return Reading(
            None, ConfigViolationCode.VALUE_OUT_OF_RANGE, f"it has to have 1 to {self.maximum_length} characters"
        )


@dataclass(frozen=True, slots=True)
class NameListType:
    """A list of 1 to `maximum_items` distinct names."""

    maximum_items: int
    item: NameType = NameType()

    def clean(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """Clean each name; the order stays."""
        return tuple(self.item.clean(name) for name in value)

    def problems(self, value: tuple[str, ...], path: Path, label: str) -> list[InputProblem]:
        """Check the number of names, then each of them, then that none comes twice."""
        if not value:
            return [
                InputProblem(
                    path,
                    InputProblemCode.TOO_SHORT,
                    f"{label} needs at least 1 name; send null to inherit the default.",
                )
            ]
        if len(value) > self.maximum_items:
            return [
                InputProblem(
                    path,
                    InputProblemCode.TOO_LONG,
                    f"{label} may hold at most {self.maximum_items} names; this holds {len(value)}.",
                )
            ]
        problems: list[InputProblem] = []
        first_position: dict[str, int] = {}
        for position, name in enumerate(value):
            item_path = (*path, str(position))
            if item_problems := self.item.problems(name, item_path, f"{label}[{position}]"):
                problems += item_problems
            elif (first := first_position.setdefault(name, position)) != position:
                problems.append(
                    InputProblem(
                        item_path, InputProblemCode.DUPLICATE, f"{label}[{position}] repeats {label}[{first}]."
                    )
                )
        return problems

    def read(self, stored: object) -> Reading[tuple[str, ...]]:
        """Take what can stand of a stored list: distinct valid names, in their order, up to the maximum."""
        if not isinstance(stored, tuple):
            return Reading(None, ConfigViolationCode.VALUE_OUT_OF_RANGE, "it has to be a list of names")
        if not stored:
            return Reading(None, ConfigViolationCode.EMPTY_MODEL_LIST, "it is empty")
        valid = dict.fromkeys(name for entry in stored if (name := self.item.read(entry).value) is not None)
        usable = tuple(valid)[: self.maximum_items]
        if usable == stored:
            return Reading(usable)
        return Reading(
            usable or None,
            ConfigViolationCode.VALUE_OUT_OF_RANGE,
            f"it has to hold 1 to {self.maximum_items} distinct names of 1 to {self.item.maximum_length} characters",
        )
