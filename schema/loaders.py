"""Loaders: one statement for all keys that the fields of one level ask for.

Each is named for its key and its result. Where a key says what to load of a parent (`PageOfParent`), keys with the same
page share a statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from db.database import Database
from db.queries import api_keys, messages, sessions, teams, usage
from db.text_budget import StoredMessage, TextBudget, TooMuchText
from domain.text import forms_of_name, is_nameable
from schema.data_loader import DataLoader
from schema.response_limit import too_much_text

if TYPE_CHECKING:
    from db.paging import Page, Slice
    from db.queries.sessions import SessionFilter
    from db.queries.usage import Sums, TeamUsage
    from db.rows import ApiKeyRow, SessionRow, TeamRow
    from domain.quota import QuotaPeriods, Used
    from domain.usage_period import UsagePeriod
    from domain.viewer import Viewer

Key = TypeVar("Key", bound=Hashable)
Wanted = TypeVar("Wanted", bound=Hashable)
Result = TypeVar("Result")

Query = Callable[[Database, "Viewer", Sequence[Key]], Awaitable[Result]]
"""What a loader loads by: for all keys at once."""

QueryOfParents = Callable[[Database, "Viewer", Sequence[int], Any], Awaitable[Mapping[Any, Result]]]
"""The same of parents, for all of whom the same is wanted."""


NOTHING = 0
"""The id of no row: loads as None, together with its neighbours, so that what follows is one batch as well."""


class OfParent(NamedTuple, Generic[Wanted]):
    """The key of what is loaded for a parent: the parent's row id, and what of it is wanted."""

    parent_id: int
    wanted: Wanted


class SessionsWanted(NamedTuple):
    """A page of the sessions that pass a filter."""

    session_filter: SessionFilter
    page: Page


class MessagesWanted(NamedTuple):
    """A page of messages, with or without those that were cleared."""

    include_cleared: bool
    page: Page


class _Loading:
    """Makes loaders of queries.

    They hold this and not each other, so that they go with all they have read as soon as the operation is over: what
    holds itself stays until somebody looks for cycles.
    """

    def __init__(self, database: Database, viewer: Viewer, text: TextBudget) -> None:
        self._database = database
        self._viewer = viewer
        self._text = text

    def by_key(self, query: Query[Key, Mapping[Key, Result]]) -> DataLoader[Key, Result | None]:
        async def load(keys: list[Key]) -> list[Result | None]:
            wanted = [key for key in keys if key != NOTHING]
            if not wanted:
                return [None for _ in keys]
            try:
                found = await query(self._database, self._viewer, wanted)
            except TooMuchText:
                raise too_much_text(self._text.maximum) from None
            return [found.get(key) for key in keys]

        return DataLoader(load)

    def by_text(self, query: Query[str, Mapping[str, Result]]) -> DataLoader[str, Result | None]:
        async def load(keys: list[str]) -> list[Result | None]:
            # Text that the database cannot hold names nothing in it.
            found = await query(self._database, self._viewer, [key for key in keys if is_nameable(key)])
            return [found.get(key) for key in keys]

        return DataLoader(load)

    def by_name(self, query: Query[str, Mapping[str, Result]]) -> DataLoader[str, Result | None]:
        async def load(keys: list[str]) -> list[Result | None]:
            forms = [forms_of_name(key) if is_nameable(key) else () for key in keys]
            found = await query(self._database, self._viewer, [form for of_key in forms for form in of_key])
            return [next((found[form] for form in of_key if form in found), None) for of_key in forms]

        return DataLoader(load)

    def of_parent(self, query: QueryOfParents[Result]) -> DataLoader[OfParent[Any], Result]:
        return DataLoader(partial(self._in_groups, query, None))

    def count(self, query: QueryOfParents[int]) -> DataLoader[OfParent[Any], int]:
        return DataLoader(partial(self._in_groups, query, 0))

    async def _in_groups(
        self, query: QueryOfParents[Result], otherwise: Any, keys: Sequence[OfParent[Any]]
    ) -> Sequence[Result]:
        """Load for all at once of whom the same is wanted; `otherwise` is for those of whom a query says nothing."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for number, key in enumerate(keys):
            groups[key.wanted].append(number)
        loaded = [otherwise] * len(keys)
        for wanted, numbers in groups.items():
            parents = [keys[number].parent_id for number in numbers]
            try:
                found = await query(self._database, self._viewer, parents, wanted)
            except TooMuchText:
                raise too_much_text(self._text.maximum) from None
            for number in numbers:
                loaded[number] = found.get(keys[number].parent_id, otherwise)
        return loaded

    async def contexts(self, keys: list[OfParent[int]]) -> list[Sequence[StoredMessage]]:
        limits = dict(keys)
        try:
            contexts = await messages.contexts_by_session(self._database, self._viewer, limits, budget=self._text)
        except TooMuchText:
            raise too_much_text(self._text.maximum) from None
        return [contexts[key.parent_id] for key in keys]


class Loaders:
    """The loaders of one operation, for one viewer: nothing that the viewer may not see is ever loaded.

    Each is made when it is first asked for: most operations need one or two.
    """

    def __init__(self, database: Database, viewer: Viewer, text: TextBudget) -> None:
        self._text = text
        self._loading = _Loading(database, viewer, text)

    @cached_property
    def team_by_id(self) -> DataLoader[int, TeamRow | None]:
        return self._loading.by_key(teams.by_ids)

    @cached_property
    def team_by_platform_name(self) -> DataLoader[str, TeamRow | None]:
        return self._loading.by_name(teams.by_platform_names)

    @cached_property
    def team_by_display_name(self) -> DataLoader[str, TeamRow | None]:
        return self._loading.by_name(teams.by_display_names)

    @cached_property
    def api_key_by_id(self) -> DataLoader[int, ApiKeyRow | None]:
        return self._loading.by_key(api_keys.by_ids)

    @cached_property
    def session_by_id(self) -> DataLoader[int, SessionRow | None]:
        return self._loading.by_key(sessions.by_ids)

    @cached_property
    def session_by_session_id(self) -> DataLoader[str, SessionRow | None]:
        return self._loading.by_text(sessions.by_session_ids)

    @cached_property
    def message_by_id(self) -> DataLoader[int, StoredMessage | None]:
        return self._loading.by_key(partial(messages.by_ids, budget=self._text))

    @cached_property
    def api_keys_by_team(self) -> DataLoader[OfParent[Page], Slice[ApiKeyRow]]:
        return self._loading.of_parent(api_keys.pages_by_team)

    @cached_property
    def api_key_count_by_team(self) -> DataLoader[OfParent[None], int]:
        return self._loading.count(lambda database, viewer, ids, _: api_keys.counts_by_team(database, viewer, ids))

    @cached_property
    def sessions_by_team(self) -> DataLoader[OfParent[SessionsWanted], Slice[SessionRow]]:
        return self._loading.of_parent(
            lambda database, viewer, ids, wanted: sessions.pages_by_team(database, viewer, ids, *wanted)
        )

    @cached_property
    def session_count_by_team(self) -> DataLoader[OfParent[SessionFilter], int]:
        return self._loading.count(sessions.counts_by_team)

    @cached_property
    def messages_by_session(self) -> DataLoader[OfParent[MessagesWanted], Slice[StoredMessage]]:
        text = self._text
        return self._loading.of_parent(
            lambda database, viewer, ids, wanted: messages.pages_by_session(
                database, viewer, ids, wanted.page, include_cleared=wanted.include_cleared, budget=text
            )
        )

    @cached_property
    def message_count_by_session(self) -> DataLoader[OfParent[bool], int]:
        return self._loading.count(
            lambda database, viewer, ids, include_cleared: messages.counts_by_session(
                database, viewer, ids, include_cleared=include_cleared
            )
        )

    @cached_property
    def context_by_session(self) -> DataLoader[OfParent[int], Sequence[StoredMessage]]:
        return DataLoader(self._loading.contexts)

    @cached_property
    def used_by_team(self) -> DataLoader[OfParent[QuotaPeriods], Used]:
        return self._loading.of_parent(usage.used_by_teams)

    @cached_property
    def used_by_key(self) -> DataLoader[OfParent[QuotaPeriods], Used]:
        return self._loading.of_parent(usage.used_by_keys)

    @cached_property
    def usage_by_team(self) -> DataLoader[OfParent[UsagePeriod], TeamUsage]:
        return self._loading.of_parent(usage.by_teams)

    @cached_property
    def usage_of_models_by_team(self) -> DataLoader[OfParent[UsagePeriod], dict[str, Sums]]:
        return self._loading.of_parent(usage.models_by_teams)
