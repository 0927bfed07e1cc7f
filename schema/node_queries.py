"""Finding anything by its global id."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry

from schema.api_keys.api_key import ApiKey
from schema.context import Info
from schema.data_loader import DataLoader
from schema.loaders import Loaders
from schema.node import Node, parse_global_id
from schema.sessions.message import Message
from schema.sessions.session import Session
from schema.teams.team import Team
from schema.user_input import BadUserInput

IDS_MAXIMUM = 100

_FOUND_BY: Mapping[str, tuple[type[Team | ApiKey | Session | Message], Callable[[Loaders], DataLoader[int, Any]]]] = {
    "Team": (Team, lambda loaders: loaders.team_by_id),
    "ApiKey": (ApiKey, lambda loaders: loaders.api_key_by_id),
    "Session": (Session, lambda loaders: loaders.session_by_id),
    "Message": (Message, lambda loaders: loaders.message_by_id),
}


async def node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")],  # noqa: A002 - the argument's public name
) -> Node | None:
    """Find one thing; None where the viewer may see no such thing."""
    type_name, _ = parse_global_id(id)
    if type_name is None or type_name not in _FOUND_BY:
        return None
    node_type, loader = _FOUND_BY[type_name]
    row_id = node_type.row_id_of(id)
    row = None if row_id is None else await loader(info.context.loaders).load(row_id)
    return None if row is None else node_type.from_row(row)


async def nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The global ids: at most 100.")]
) -> list[Node | None]:
    """Find many things, in the order of their ids; null for each that the viewer may not see or that is not there."""
    if len(ids) > IDS_MAXIMUM:
        raise BadUserInput(f"`ids` may hold at most {IDS_MAXIMUM} ids, not {len(ids)}.")
    return list(await asyncio.gather(*(node(info, wanted) for wanted in ids)))
