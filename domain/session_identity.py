"""How a conversation is named."""

from __future__ import annotations

import hashlib


def session_id(platform: str, user_id: str, team_id: int | None = None) -> str:
    """Give the 32 hexadecimal digits that name the session of a user on a platform, within a team where there is one.

    Usage logs have held this identifier for years, so its form is fixed: the MD5 digest of
    `platform:team_id:user_id`, or of `platform:user_id` without a team. It protects nothing, and names with
    colons can be made to share one: what a caller may do is decided by platform, team and user.

    Raises:
        UnicodeEncodeError: a name holds lone surrogates, see domain.text.is_storable.
    """
    name = f"{platform}:{user_id}" if team_id is None else f"{platform}:{team_id}:{user_id}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
