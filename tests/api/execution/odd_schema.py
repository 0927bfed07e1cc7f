"""A schema of all that ours lacks, and objects whose fields do what they should and what they should not."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the framework reads the annotations
from typing import Annotated, Any, Generic, TypeVar

import strawberry

Item = TypeVar("Item")


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    GREEN = strawberry.enum_value("green", name="GRUEN")


class Broken(Exception):
    """What resolvers raise."""


@dataclass(frozen=True)
class Raised:
    """Stands for a resolver that raises."""

    message: str


@dataclass(frozen=True)
class Later:
    """Stands for something awaitable that gives another thing after so many turns of the loop."""

    value: Any
    turns: int = 0


@dataclass(frozen=True)
class Fault:
    """Stands for an exception that is returned."""

    message: str


@dataclass(frozen=True)
class Thing:
    """Stands for an object of a type, with what its fields give."""

    kind: str
    fields: tuple[tuple[str, Any], ...]


async def _later(value: Any, turns: int) -> Any:
    for _ in range(turns):
        await asyncio.sleep(0)
    return made(value)


def made(value: Any) -> Any:
    """Make what a description stands for: anew for each execution, since an awaitable serves once."""
    match value:
        case Raised():
            raise Broken(value.message)
        case Fault():
            return Broken(value.message)
        case Later():
            return _later(value.value, value.turns)
        case Thing():
            thing = KINDS[value.kind].__new__(KINDS[value.kind])
            thing.described = dict(value.fields)
            return thing
        case tuple():
            return [made(each) for each in value]
    return value


@strawberry.interface
class Named:
    described: strawberry.Private[dict[str, Any]]
    name: str

    def told(self, name: str) -> Any:
        return made(self.described.get(name))

    async def told_in_the_end(self, name: str) -> Any:
        value = self.told(name)
        return await value if asyncio.iscoroutine(value) else value

    def __getattr__(self, name: str) -> Any:
        """Make what a plain field gives when it is read, and not before."""
        if name in self.__dict__.get("described", {}):
            return self.told(name)
        raise AttributeError(name)


@strawberry.type
class Leaf(Named):
    number: int | None
    ratio: float
    flag: bool | None
    colour: Colour
    when: datetime | None
    tags: list[str]
    words: list[str | None] | None
    matrix: list[list[int]] | None
    colours: list[Colour | None] | None

    @strawberry.field
    def sure(self) -> int:
        return self.told("sure")  # type: ignore[no-any-return]

    @strawberry.field
    async def awaited(self, info: strawberry.Info, times: int = 1) -> str | None:
        value = await self.told_in_the_end("awaited")
        return f"{info.path.key}{info.field_name}{value * times}" if isinstance(value, str) else value


@strawberry.type
class Branch(Named):
    leaf: Leaf | None
    sure_leaf: Leaf
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    some_leaves: list[Leaf] | None

    @strawberry.field
    def any(self) -> Named | None:
        return self.told("any")  # type: ignore[no-any-return]

    @strawberry.field
    async def either(self) -> Either | None:
        return await self.told_in_the_end("either")  # type: ignore[no-any-return]

    @strawberry.field
    def eithers(self) -> list[Either]:
        return self.told("eithers")  # type: ignore[no-any-return]

    @strawberry.field
    async def sure_branch(self) -> Branch:
        return await self.told_in_the_end("sure_branch")  # type: ignore[no-any-return]

    @strawberry.field
    def grid(self) -> list[list[Named]] | None:
        return self.told("grid")  # type: ignore[no-any-return]

    @strawberry.field
    def page(self) -> Page[Leaf] | None:
        value = self.told("page")
        return Page(items=value, size=len(value)) if isinstance(value, list) else value


@strawberry.type
class Page(Generic[Item]):
    items: list[Item]
    size: int


Either = Annotated[Leaf | Branch, strawberry.union("Either")]

KINDS: dict[str, Any] = {"Leaf": Leaf, "Branch": Branch}


@strawberry.input
class Box:
    """An input that can be refused while it is made."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise Broken("A box of negative size.")


@strawberry.type
class Query:
    @strawberry.field
    def boxed(self, box: Box, times: int = 2) -> int | None:
        return box.size * times

    @strawberry.field
    async def later_boxed(self, box: Box, times: int = 2) -> int | None:
        return box.size * times

    @strawberry.field
    async def sure_boxed(self, box: Box) -> int:
        return box.size

    @strawberry.field
    def branch(self, info: strawberry.Info) -> Branch | None:
        return made(info.context)  # type: ignore[no-any-return]

    @strawberry.field
    async def later_branch(self, info: strawberry.Info) -> Branch:
        return made(info.context)  # type: ignore[no-any-return]

    @strawberry.field
    def named(self, info: strawberry.Info) -> Named:
        return made(info.context)  # type: ignore[no-any-return]

    @strawberry.field
    def of_number(self, of: int = 3) -> int:
        return of


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def first(self, info: strawberry.Info) -> Branch | None:
        await asyncio.sleep(0)
        return made(info.context)  # type: ignore[no-any-return]

    @strawberry.mutation
    def given(self, box: Box, times: int = 2) -> int | None:
        return box.size * times

    @strawberry.mutation
    def second(self, info: strawberry.Info) -> Named:
        return made(info.context)  # type: ignore[no-any-return]


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, types=[Leaf, Branch])
