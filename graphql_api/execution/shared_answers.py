"""Answers that are kept: of objects that never change, and of which nothing else decides what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql_api.execution.executor import PlanExecutor
    from graphql_api.execution.places import Place

ANSWERS_MAXIMUM = 1000
"""How many are kept together, each with its object. Everything of a configuration with the longest lists is 50 kB."""


class SharedAnswers:
    """Keeps what was answered of an object, by the object itself and by what carries out the selection."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Callable[..., Any], int], tuple[object, dict[str, Any]]] = {}

    def sharing(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Give what carries out the same selection, for objects of a class that has `IS_VALUE`."""
        kept = self._kept

        def shared(executor: PlanExecutor, source: object, place: Place | None) -> Any:
            key = (run, id(source))
            found = kept.get(key)
            if found is not None:
                return found[1]
            answer = run(executor, source, place)
            # Not where anything is pending of it, or may have failed: that belongs to this request.
            if answer.__class__ is dict and not executor.collected_errors.errors:
                if len(kept) >= ANSWERS_MAXIMUM:
                    kept.clear()
                # With the object, so that no other takes its place in memory and with that its id.
                kept[key] = (source, answer)
            return answer

        return shared
