"""Python code for what is selected of an object: one function for each selection, straight through its fields.

The code deals with values of the class that is expected and leaves all others to the executor.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from graphql import GraphQLList, TypeNameMetaFieldDef, get_nullable_type, is_composite_type, is_non_null_type

from graphql_api.execution.field_code import FieldCode, Source, field_code
from graphql_api.execution.leaves import leaf_test

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import strawberry
    from graphql import GraphQLObjectType

    from graphql_api.execution.planned_field import PlannedField


def compile_selection(
    framework: strawberry.Schema, parent: GraphQLObjectType, fields: Sequence[PlannedField]
) -> Callable[..., Any]:
    """Compile what is selected of objects of a type: a function of executor, object and place.

    What it gives is the object's part of the response, or awaitable where anything of it is.
    """
    source = Source(framework)
    completions = [_write_completion(source, planned) for planned in fields]
    codes = [field_code(source, *each) for each in zip(fields, completions, strict=True)]
    at_once = list(takewhile(_is_had_at_once, codes))
    source.add(0, "def run(executor, source, place):")
    _write_at_once(source, at_once)
    if len(at_once) == len(codes):
        source.add(1, "if data is not None:", "    return data")
    source.add(1, "pending = []", "try:", "    if data is None:", "        data = {}")
    for code in at_once:
        _write_field(source, 3, code)
    for code in codes[len(at_once) :]:
        _write_field(source, 2, code)
    source.add(1, "except Exception:", "    executor.abandon(pending)", "    raise")
    source.add(1, "return executor.filled(data, pending) if pending else data")
    compiled = compile("\n".join(source.lines), f"<selection of {parent.name}>", "exec")
    exec(compiled, source.names)  # noqa: S102 - code of our own making, in which a document's words are literals  # nosec B102
    for planned, complete in zip(fields, completions, strict=True):
        planned.complete = source.names[complete]
    run: Callable[..., Any] = source.names["run"]
    return run


def _is_had_at_once(code: FieldCode) -> bool:
    if code.test is None:
        return code.planned.definition is TypeNameMetaFieldDef
    return code.resolving.is_attribute and code.test.is_expression


def _write_at_once(source: Source, codes: Sequence[FieldCode]) -> None:
    """Write how the first fields come into `data` where all are as expected: to add one after the other takes longer.

    Where any is not, nothing has happened yet: `data` is None.
    """
    source.add(1, "data = None")
    if not codes:
        return
    conditions, entries = ["True"], []
    source.add(1, "try:")
    for number, (planned, _, _, resolving, test) in enumerate(codes):
        value = f"value_{number}"
        source.add(2, f"{value} = {resolving.expression}")
        condition, result = ("True", value) if test is None else test.of(value)
        if test is not None and not is_non_null_type(planned.return_type):
            condition = f"({value} is None or {condition})"
            result = value if result == value else f"None if {value} is None else {result}"
        conditions.append(condition)
        entries.append(f"{planned.response_name!r}: {result}")
    source.add(2, f"if {' and '.join(conditions)}:", f"    data = {{{', '.join(entries)}}}")
    source.add(1, "except Exception:", "    pass")


def _write_field(source: Source, indent: int, code: FieldCode) -> None:
    """Write how a field comes into `data`, whatever there is instead of it."""
    planned, this, complete, resolving, test = code
    name, parent = repr(planned.response_name), repr(planned.parent_type.name)
    if planned.definition is TypeNameMetaFieldDef:
        source.add(indent, f"data[{name}] = {parent}")
        return
    source.add(indent, "try:")
    if resolving.needs_place or test is None:
        source.add(indent + 1, f"field_place = (place, {name}, {parent})")
    source.add(indent + 1, f"value = {resolving.expression}")
    if resolving.is_async:
        source.add(indent + 1, f"pending.append(AwaitedField({name}, value, executor, {this}, field_place))")
        source.add(indent + 1, f"data[{name}] = None")
    elif test is not None:
        source.add(indent + 1, f"if {test.condition}:", f"    data[{name}] = {test.result}")
        if not is_non_null_type(planned.return_type):
            source.add(indent + 1, "elif value is None:", f"    data[{name}] = None")
        source.add(indent + 1, "else:", f"    executor.complete_unusual({this}, value, place, data, pending)")
    else:
        source.add(indent + 1, f"data[{name}] = value = {complete}(executor, value, field_place)")
        source.add(indent + 1, "if value.__class__ is not dict and executor.is_awaitable(value):")
        source.add(indent + 2, f"data[{name}] = None")
        source.add(indent + 2, f"pending.append(executor.guarded({this}, value, field_place))")
    source.add(indent, "except Exception as error:", f"    data[{name}] = executor.failed({this}, error, place)")


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
