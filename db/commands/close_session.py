"""Closing a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.commands.serving import hold_session

if TYPE_CHECKING:
    from db.transaction import Transaction
    from domain.viewer import Viewer


async def close_session(transaction: Transaction, viewer: Viewer, session_id: int) -> None:
    """End a session until it is opened again. Its messages stay. One that was closed before stays so.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    await hold_session(transaction, viewer, session_id, closing=True)
