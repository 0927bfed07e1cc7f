"""Loaders: one statement for all keys that the fields of one level ask for.

Each is named for its key and its result. Where a key says what to load of a parent (`PageOfParent`), keys with the same
page share a statement.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from strawberry import dataloader

from db.database import Database, ReadSession
from db.queries import api_keys, messages, sessions, teams, usage
from db.text_budget import StoredMessage, TextBudget, TooMuchText
from domain.text import forms_of_name, is_nameable
from schema.response_limit import too_much_text

if TYPE_CHECKING:
    from db import models
    from db.paging import Page, Slice
    from db.queries.sessions import SessionFilter
    from db.queries.usage import Sums, TeamUsage
    from db.rows import TeamRow
    from domain.quota import QuotaPeriods, Used
    from domain.usage_period import UsagePeriod
    from domain.viewer import Viewer

Key = TypeVar("Key", bound=Hashable)
Wanted = TypeVar("Wanted", bound=Hashable)
Result = TypeVar("Result")

Fetch = Callable[[Callable[[ReadSession], Awaitable[Any]]], Awaitable[Any]]
"""Database.fetch(), or what stands before it."""


class DataLoader(dataloader.DataLoader[Key, Result]):
    """A loader whose keys may be waited for by several fields, of which some are stopped while others go on.

    A field that fails has its siblings stopped. Each would stop what it waits for too, and with it everybody else who
    waits for the same key; here that ends when nobody waits for it any more, and the work of a batch with the last key.
    """

    def __init__(self, load_fn: Callable[[list[Key]], Awaitable[Sequence[Result | BaseException]]]) -> None:
        super().__init__(load_fn=load_fn)
        self._waiting: Counter[asyncio.Future[Result]] = Counter()

    def load(self, key: Key) -> Awaitable[Result]:
        """Load a key together with the others that are asked for at the same time."""
        loaded = cast("asyncio.Future[Result]", super().load(key))
        self._waiting[loaded] += 1
        return self._waited_for(loaded)

    async def _waited_for(self, loaded: asyncio.Future[Result]) -> Result:
        try:
            return await asyncio.shield(loaded)
        finally:
            self._waiting[loaded] -= 1
            if not self._waiting[loaded]:
                del self._waiting[loaded]
                loaded.cancel()


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


class Loaders:
    """The loaders of one operation, for one viewer: nothing that the viewer may not see is ever loaded.

    Each is made when it is first asked for: most operations need one or two.
    """

    def __init__(self, database: Database, viewer: Viewer, text: TextBudget) -> None:
        self._database = database
        self._viewer = viewer
        self._text = text

    @cached_property
    def team_by_id(self) -> DataLoader[int, TeamRow | None]:
        return self._by_key(teams.by_ids)

    @cached_property
    def team_by_platform_name(self) -> DataLoader[str, TeamRow | None]:
        return self._by_name(teams.by_platform_names)

    @cached_property
    def team_by_display_name(self) -> DataLoader[str, TeamRow | None]:
        return self._by_name(teams.by_display_names)

    @cached_property
    def api_key_by_id(self) -> DataLoader[int, models.ApiKey | None]:
        return self._by_key(self._in_session(api_keys.by_ids))

    @cached_property
    def session_by_id(self) -> DataLoader[int, models.ChatSession | None]:
        return self._by_key(self._in_session(sessions.by_ids))

    @cached_property
    def session_by_session_id(self) -> DataLoader[str, models.ChatSession | None]:
        return self._by_text(self._in_session(sessions.by_session_ids))

    @cached_property
    def message_by_id(self) -> DataLoader[int, StoredMessage | None]:
        return self._by_key(self._in_session(partial(messages.by_ids, budget=self._text), self._fetch_text))

    @cached_property
    def api_keys_by_team(self) -> DataLoader[OfParent[Page], Slice[models.ApiKey]]:
        return self._of_parent(api_keys.pages_by_team)

    @cached_property
    def api_key_count_by_team(self) -> DataLoader[OfParent[None], int]:
        return self._count(lambda session, viewer, ids, _: api_keys.counts_by_team(session, viewer, ids))

    @cached_property
    def sessions_by_team(self) -> DataLoader[OfParent[SessionsWanted], Slice[models.ChatSession]]:
        return self._of_parent(
            lambda session, viewer, ids, wanted: sessions.pages_by_team(session, viewer, ids, *wanted)
        )

    @cached_property
    def session_count_by_team(self) -> DataLoader[OfParent[SessionFilter], int]:
        return self._count(sessions.counts_by_team)

    @cached_property
    def messages_by_session(self) -> DataLoader[OfParent[MessagesWanted], Slice[StoredMessage]]:
        return self._of_parent(
            lambda session, viewer, ids, wanted: messages.pages_by_session(
                session, viewer, ids, wanted.page, include_cleared=wanted.include_cleared, budget=self._text
            ),
            self._fetch_text,
        )

    @cached_property
    def message_count_by_session(self) -> DataLoader[OfParent[bool], int]:
        return self._count(
            lambda session, viewer, ids, include_cleared: messages.counts_by_session(
                session, viewer, ids, include_cleared=include_cleared
            )
        )

    @cached_property
    def context_by_session(self) -> DataLoader[OfParent[int], Sequence[StoredMessage]]:
        return DataLoader(load_fn=self._load_contexts)

    @cached_property
    def used_by_team(self) -> DataLoader[OfParent[QuotaPeriods], Used]:
        return self._of_parent(usage.used_by_teams)

    @cached_property
    def used_by_key(self) -> DataLoader[OfParent[QuotaPeriods], Used]:
        return self._of_parent(usage.used_by_keys)

    @cached_property
    def usage_by_team(self) -> DataLoader[OfParent[UsagePeriod], TeamUsage]:
        return self._of_parent(usage.by_teams)

    @cached_property
    def usage_of_models_by_team(self) -> DataLoader[OfParent[UsagePeriod], dict[str, Sums]]:
        return self._of_parent(usage.models_by_teams)

    def _by_key(
        self, query: Callable[[Database, Viewer, Sequence[Key]], Awaitable[Mapping[Key, Result]]]
    ) -> DataLoader[Key, Result | None]:
        async def load(keys: list[Key]) -> list[Result | None]:
            wanted = [key for key in keys if key != NOTHING]
            if not wanted:
                return [None for _ in keys]
            found = await query(self._database, self._viewer, wanted)
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load)

    def _by_text(
        self, query: Callable[[Database, Viewer, Sequence[str]], Awaitable[Mapping[str, Result]]]
    ) -> DataLoader[str, Result | None]:
        async def nameable_only(database: Database, viewer: Viewer, keys: Sequence[str]) -> Mapping[str, Result]:
            # Text that the database cannot hold names nothing in it.
            return await query(database, viewer, [key for key in keys if is_nameable(key)])

        return self._by_key(nameable_only)

    def _by_name(
        self, query: Callable[[Database, Viewer, Sequence[str]], Awaitable[Mapping[str, Result]]]
    ) -> DataLoader[str, Result | None]:
        async def in_either_form(database: Database, viewer: Viewer, keys: Sequence[str]) -> Mapping[str, Result]:
            found = await query(database, viewer, [form for key in keys for form in forms_of_name(key)])
            return {key: found[form] for key in keys for form in reversed(forms_of_name(key)) if form in found}

        return self._by_text(in_either_form)

    def _of_parent(
        self,
        query: Callable[[ReadSession, Viewer, Sequence[int], Any], Awaitable[Mapping[Any, Result]]],
        fetch: Fetch | None = None,
    ) -> DataLoader[OfParent[Any], Result]:
        async def load(keys: list[OfParent[Any]]) -> list[Result]:
            found = await self._in_groups(query, keys, fetch or self._database.fetch)
            return [found[key] for key in keys]

        return DataLoader(load_fn=load)

    def _count(
        self, query: Callable[[ReadSession, Viewer, Sequence[int], Any], Awaitable[Mapping[Any, int]]]
    ) -> DataLoader[OfParent[Any], int]:
        async def load(keys: list[OfParent[Any]]) -> list[int]:
            found = await self._in_groups(query, keys, self._database.fetch)
            return [found.get(key, 0) for key in keys]

        return DataLoader(load_fn=load)

    async def _in_groups(
        self,
        query: Callable[[ReadSession, Viewer, Sequence[int], Any], Awaitable[Mapping[Any, Result]]],
        keys: Sequence[OfParent[Any]],
        fetch: Fetch,
    ) -> dict[OfParent[Any], Result]:
        parents_by_wanted: dict[Any, list[int]] = defaultdict(list)
        for key in keys:
            parents_by_wanted[key.wanted].append(key.parent_id)

        async def load(session: ReadSession) -> dict[OfParent[Any], Result]:
            found: dict[OfParent[Any], Result] = {}
            for wanted, parent_ids in parents_by_wanted.items():
                results = await query(session, self._viewer, parent_ids, wanted)
                found |= {OfParent(parent_id, wanted): result for parent_id, result in results.items()}
            return found

        found: dict[OfParent[Any], Result] = await fetch(load)
        return found

    def _in_session(
        self,
        query: Callable[[ReadSession, Viewer, Sequence[Key]], Awaitable[Mapping[Key, Result]]],
        fetch: Fetch | None = None,
    ) -> Callable[[Database, Viewer, Sequence[Key]], Awaitable[Mapping[Key, Result]]]:
        async def in_session(database: Database, viewer: Viewer, keys: Sequence[Key]) -> Mapping[Key, Result]:
            found: Mapping[Key, Result] = await (fetch or database.fetch)(lambda session: query(session, viewer, keys))
            return found

        return in_session

    async def _fetch_text(self, query: Callable[[ReadSession], Awaitable[Result]]) -> Result:
        # Waited for before there is a connection: many that hold one and wait would leave none to others.
        async with self._text.lock:
            try:
                return await self._database.fetch(query)
            except TooMuchText:
                raise too_much_text(self._text.maximum) from None

    async def _load_contexts(self, keys: list[OfParent[int]]) -> list[Sequence[StoredMessage]]:
        contexts = await self._fetch_text(
            lambda session: messages.contexts_by_session(session, self._viewer, dict(keys), budget=self._text)
        )
        return [contexts[key.parent_id] for key in keys]
