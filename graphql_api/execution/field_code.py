"""How the value of a field is had in code, and the names of all that the code is written with.

Names are made here; what comes from a document (response names) stands in the code as a literal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from inspect import CO_COROUTINE
from keyword import iskeyword
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import TypeNameMetaFieldDef
from graphql.pyutils import Undefined

from graphql_api.execution.arguments import argument_conversion
from graphql_api.execution.awaited import AwaitedField, AwaitedItem
from graphql_api.execution.delayed_info import DelayedInfo
from graphql_api.execution.leaves import PLAIN, TEXTS, leaf_test

if TYPE_CHECKING:
    import strawberry

    from graphql_api.execution.leaves import LeafTest
    from graphql_api.execution.planned_field import PlannedField


class Resolving(NamedTuple):
    """How a field's value is had: an expression, whether it is awaited, and whether it needs `field_place`.

    `is_attribute`: it is an attribute of the object, for which nobody else is asked.
    """

    expression: str
    is_async: bool = False
    needs_place: bool = False
    is_attribute: bool = False


class FieldCode(NamedTuple):
    """What the code of a field is written of: the names of it and of what completes it, and how its value is had.

    `test` is that of a leaf.
    """

    planned: PlannedField
    this: str
    complete: str
    resolving: Resolving
    test: LeafTest | None


@dataclass
class Source:
    """Lines of code, and the objects that they name."""

    framework: strawberry.Schema
    lines: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(
        default_factory=lambda: {
            "AwaitedField": AwaitedField,
            "AwaitedItem": AwaitedItem,
            "DelayedInfo": DelayedInfo,
            "PLAIN": PLAIN,
            "TEXTS": TEXTS,
            "Undefined": Undefined,
        }
    )

    def add(self, indent: int, *lines: str) -> None:
        """Add lines."""
        self.lines += ["    " * indent + line for line in lines]

    def name(self, value: Any, kind: str) -> str:
        """Give an object a name in the code."""
        name = f"{kind}_{len(self.names)}"
        self.names[name] = value
        return name


def field_code(source: Source, planned: PlannedField, complete: str) -> FieldCode:
    """Work out how a field's value is had; `complete` is the name of what completes it."""
    this = source.name(planned, "field")
    if planned.definition is TypeNameMetaFieldDef:
        return FieldCode(planned, this, complete, Resolving(repr(planned.parent_type.name)), None)
    resolving = _resolving(source, planned, this)
    test = None if resolving.is_async else leaf_test(planned.return_type, source.name)
    return FieldCode(planned, this, complete, resolving, test)


def _resolving(source: Source, planned: PlannedField, this: str) -> Resolving:
    """Choose how a field's value is had: as an attribute, from the framework's resolver, or as the library has it."""
    general = Resolving(f"executor.resolved({this}, source, field_place)", needs_place=True)
    resolver = planned.resolver
    converter = source.framework.schema_converter
    if resolver is None or resolver.extensions:
        return general
    handlers = converter._get_field_exception_handlers(resolver)  # noqa: SLF001 - else a refusal would pass its handler by
    base = resolver.base_resolver
    if handlers and (base is None or not resolver.is_async):
        return general
    if base is None:
        name = resolver.python_name
        reads = source.framework.config.default_resolver is getattr and name.isidentifier() and not iskeyword(name)
        return Resolving(f"source.{name}", is_attribute=True) if reads else general
    function = base.wrapped_func
    # An asynchronous generator counts as asynchronous too, and gives what nobody can await.
    if not isinstance(function, FunctionType) or (resolver.is_async and not function.__code__.co_flags & CO_COROUTINE):
        return general
    given = ["source"] if base.self_parameter else []
    as_source = {parameter.name for parameter in (base.parent_parameter, base.root_parameter) if parameter is not None}
    given += [f"{name}=source" for name in sorted(as_source)]
    if base.info_parameter is not None:
        given.append(f"{base.info_parameter.name}=DelayedInfo(executor, {this}, field_place)")
    takes = bool(planned.definition.args)
    if takes:
        planned.convert = argument_conversion(source.framework, resolver.arguments)
        given.append("**arguments")
    call = f"{source.name(function, 'resolver')}({', '.join(given)})"
    if handlers:
        call = f"executor.handled({this}, {source.name(handlers, 'handlers')}, {call}, field_place)"
    if takes:
        # What cannot be converted fails where the library has it fail: at once, or when it is awaited.
        converted = f"(arguments := executor.arguments({this}, field_place)) is not None"
        call = f"{call} if {converted} else {general.expression}"
    needs_place = takes or resolver.is_async or base.info_parameter is not None
    return Resolving(call, resolver.is_async, needs_place)
