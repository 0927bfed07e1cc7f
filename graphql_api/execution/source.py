"""Python code for what is selected of an object: one function for each selection, straight through its fields.

The code deals with values of the class that is expected and leaves all others to the executor. Names in it are made
here; what comes from a document (response names) stands in it as a literal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from inspect import CO_COROUTINE
from keyword import iskeyword
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLList, TypeNameMetaFieldDef, get_nullable_type, is_composite_type, is_non_null_type
from graphql.pyutils import Undefined

from graphql_api.execution.arguments import argument_conversion
from graphql_api.execution.awaited import AwaitedField, AwaitedItem
from graphql_api.execution.delayed_info import DelayedInfo
from graphql_api.execution.leaves import PLAIN, TEXTS, leaf_test

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import strawberry
    from graphql import GraphQLObjectType

    from graphql_api.execution.planned_field import PlannedField


class Resolving(NamedTuple):
    """How a field's value is had: an expression, whether it is awaited, and whether it needs `field_place`."""

    expression: str
    is_async: bool = False
    needs_place: bool = False


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


def compile_selection(
    framework: strawberry.Schema, parent: GraphQLObjectType, fields: Sequence[PlannedField]
) -> Callable[..., Any]:
    """Compile what is selected of objects of a type: a function of executor, object and place.

    What it gives is the object's part of the response, or awaitable where anything of it is.
    """
    source = Source(framework)
    completions = [_write_completion(source, planned) for planned in fields]
    source.add(0, "def run(executor, source, place):")
    source.add(1, "data = {}", "pending = []", "try:", "    pass")
    for planned, complete in zip(fields, completions, strict=True):
        _write_field(source, planned, complete)
    source.add(1, "except Exception:", "    executor.abandon(pending)", "    raise")
    source.add(1, "return executor.filled(data, pending) if pending else data")
    code = compile("\n".join(source.lines), f"<selection of {parent.name}>", "exec")
    exec(code, source.names)  # noqa: S102 - code of our own making, in which a document's words are literals  # nosec B102
    for planned, complete in zip(fields, completions, strict=True):
        planned.complete = source.names[complete]
    run: Callable[..., Any] = source.names["run"]
    return run


def _write_field(source: Source, planned: PlannedField, complete: str) -> None:
    """Write how a field comes into `data`."""
    name, parent = repr(planned.response_name), repr(planned.parent_type.name)
    if planned.definition is TypeNameMetaFieldDef:
        source.add(2, f"data[{name}] = {parent}")
        return
    this = source.name(planned, "field")
    resolving = _resolving(source, planned, this)
    test = None if resolving.is_async else leaf_test(planned.return_type, source.name)
    source.add(2, "try:")
    if resolving.needs_place or test is None:
        source.add(3, f"field_place = (place, {name}, {parent})")
    source.add(3, f"value = {resolving.expression}")
    if resolving.is_async:
        source.add(3, f"pending.append(AwaitedField({name}, value, executor, {this}, field_place))")
        source.add(3, f"data[{name}] = None")
    elif test is not None:
        source.add(3, f"if {test.condition}:", f"    data[{name}] = {test.result}")
        if not is_non_null_type(planned.return_type):
            source.add(3, "elif value is None:", f"    data[{name}] = None")
        source.add(3, "else:", f"    executor.complete_unusual({this}, value, place, data, pending)")
    else:
        source.add(3, f"data[{name}] = value = {complete}(executor, value, field_place)")
        source.add(3, "if value.__class__ is not dict and executor.is_awaitable(value):")
        source.add(4, f"data[{name}] = None")
        source.add(4, f"pending.append(executor.guarded({this}, value, field_place))")
    source.add(2, "except Exception as error:", f"    data[{name}] = executor.failed({this}, error, place)")


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
        return Resolving(f"source.{name}") if reads else general
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


def _write_completion(source: Source, planned: PlannedField) -> str:
    """Write the function that completes a field's value, and give its name; what it gives may be awaitable."""
    this = source.name(planned, "field")
    name = f"complete_{this}"
    source.add(0, f"def {name}(executor, value, place):")
    nullable = get_nullable_type(planned.return_type)
    if (test := leaf_test(planned.return_type, source.name)) is not None:
        source.add(1, f"if {test.condition}:", f"    return {test.result}")
    elif isinstance(nullable, GraphQLList) and is_composite_type(get_nullable_type(nullable.of_type)):
        _write_list(source, planned, this)
    elif is_composite_type(nullable):
        runs = source.name(planned.runs, "runs")
        source.add(1, f"run = {runs}.get(value.__class__)")
        source.add(1, "if run is not None:", "    return run(executor, value, place)")
    if not is_non_null_type(planned.return_type):
        source.add(1, "if value is None:", "    return None")
    source.add(1, f"return executor.completed({this}, value, place)")
    return name


def _write_list(source: Source, planned: PlannedField, this: str) -> None:
    """Write how a list of objects is completed."""
    runs = source.name(planned.runs, "runs")
    unusual = f"executor.completed_item({this}, item, index, place, pending)"
    source.add(1, "if value.__class__ is list or value.__class__ is tuple:")
    source.add(2, "items = []", "pending = []", "try:")
    source.add(3, "for index, item in enumerate(value):")
    source.add(4, f"run = {runs}.get(item.__class__)")
    source.add(4, "if run is None:", f"    item = {unusual}")
    source.add(4, "else:")
    source.add(5, "try:", "    item = run(executor, item, (place, index, None))")
    source.add(6, "if item.__class__ is not dict:")
    source.add(7, f"pending.append(AwaitedItem(index, item, executor, {this}, place))", "item = None")
    source.add(5, "except Exception as error:", f"    item = executor.failed_item({this}, error, index, place)")
    source.add(4, "items.append(item)")
    source.add(2, "except Exception:", "    executor.abandon(pending, value[index + 1 :])", "    raise")
    source.add(2, "return executor.filled(items, pending) if pending else items")
