"""Finding anything by its global id."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry
from strawberry.dataloader import DataLoader

from schema.api_keys.api_key import ApiKey
from schema.context import Info
from schema.loaders import Loaders
from schema.node import Node, parse_global_id
from schema.sessions.message import Message
from schema.sessions.session import Session
from schema.teams.team import Team
from schema.user_input import BadUserInput

IDS_MAXIMUM = 100

_FOUND_BY: Mapping[str, tuple[Callable[[Loaders], DataLoader[int, Any]], Callable[[Any], Node]]] = {
    "Team": (lambda loaders: loaders.team_by_id, Team.from_row),
    "ApiKey": (lambda loaders: loaders.api_key_by_id, ApiKey.from_row),
    "Session": (lambda loaders: loaders.session_by_id, Session.from_row),
    "Message": (lambda loaders: loaders.message_by_id, Message.from_row),
}


async def node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")],  # noqa: A002 - the contract's name
) -> Node | None:
    """Find one thing; None where the viewer may see no such thing."""
    type_name, row_id = parse_global_id(id)
    if type_name is None or type_name not in _FOUND_BY:
        return None
    loader, build = _FOUND_BY[type_name]
    row = await loader(info.context.loaders).load(row_id)
    return None if row is None else build(row)


async def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The global ids: at most 100.")]
) -> list[Node | None]:
    """Find many things, in the order of their ids; null for each that the viewer may not see or that is not there."""
    if len(ids) > IDS_MAXIMUM:
        raise BadUserInput(f"`ids` may hold at most {IDS_MAXIMUM} ids, not {len(ids)}.")
    return list(await asyncio.gather(*(node(info, wanted) for wanted in ids)))
