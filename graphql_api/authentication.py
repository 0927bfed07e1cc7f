"""Who is calling: from the Authorization header to a viewer."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from typing import TYPE_CHECKING

from db.queries.api_keys import credentials
from domain.api_key import digest, is_mistyped
from domain.platform import PlatformType
from domain.viewer import Admin, Service, TeamKey, Viewer
from graphql_api.setting_values import admin_keys

if TYPE_CHECKING:
    from db.database import Database
    from db.queries.api_keys import Credentials
    from graphql_api.key_use import KeyUse
    from graphql_api.settings import Settings
    from graphql_api.wrong_keys import WrongKeys

_SCHEME = "bearer"
WORKING_KEYS_MAXIMUM = 10_000
"""How many keys that worked are remembered, those that worked most lately."""


class Authenticator:
    """Recognises callers. Keys of the process are compared by digest in constant time, keys of teams are looked up.

    An address that sends too many wrong keys is not looked up for, but for the keys of the process and those that
    worked lately: who shares the address goes on working.
    """

    def __init__(self, settings: Settings, database: Database, key_use: KeyUse, wrong_keys: WrongKeys) -> None:
        self._database = database
        self._key_use = key_use
        self._wrong_keys = wrong_keys
        # Digests of teams' keys, the one that worked last at the end.
        self._working: OrderedDict[str, None] = OrderedDict()
        self._known: list[tuple[bytes, Viewer]] = [
            (key.key_digest.encode(), Admin(key.name)) for key in admin_keys(settings.super_admin_api_keys)
        ]
        for name, platform_type, secret in (
            ("telegram-service", PlatformType.PUBLIC, settings.telegram_service_key),
            ("internal-service", PlatformType.PRIVATE, settings.internal_api_key),
        ):
            if secret is not None:
                key_digest = digest(secret.get_secret_value().strip())
                self._known.append((key_digest.encode(), Service(name, platform_type)))

    async def viewer(self, authorization: bytes | None, address: str) -> Viewer | None:
        """Give the viewer that a header's value stands for, sent from an address; None where it stands for none.

        A key that is missing, wrong, revoked, expired or of an inactive team is all the same here.

        Raises:
            TooManyWrongKeys: the address has to wait before another key is looked at.
            DatabaseUnavailable: a team's key cannot be looked up.
        """
        key = _bearer_token(authorization)
        if not key:
            return None
        key_digest = digest(key)
        if (known := self._of_process(key_digest)) is not None:
            return known
        if key_digest not in self._working:
            self._wrong_keys.require_patience(address)
        try:
            team_key = None if is_mistyped(key) else await self._of_team(key_digest)
        except asyncio.CancelledError:
            # Whoever leaves before the answer has had the key looked at all the same.
            if key_digest not in self._working:
                self._wrong_keys.note(address)
            raise
        if team_key is None:
            self._working.pop(key_digest, None)
            self._wrong_keys.note(address)
            return None
        self._note_working(key_digest)
        self._key_use.note(team_key)
        return TeamKey(
            name=team_key.prefix,
            team_id=team_key.team_id,
            api_key_id=team_key.api_key_id,
            platform_name=team_key.platform_name,
            platform_type=team_key.platform_type,
        )

    def is_key_of_process(self, text: str) -> bool:
        """Tell whether text is a key of an administrator or of a service."""
        return self._of_process(digest(text)) is not None

    def _of_process(self, key_digest: str) -> Viewer | None:
        found: Viewer | None = None
        # All are compared, so that the time tells nothing about which one matched.
        for known_digest, viewer in self._known:
            if hmac.compare_digest(known_digest, key_digest.encode()) and found is None:
                found = viewer
        return found

    async def _of_team(self, key_digest: str) -> Credentials | None:
        return await credentials(self._database, key_digest)

    def _note_working(self, key_digest: str) -> None:
        self._working[key_digest] = None
        self._working.move_to_end(key_digest)
        if len(self._working) > WORKING_KEYS_MAXIMUM:
            self._working.popitem(last=False)


def _bearer_token(authorization: bytes | None) -> str:
    if authorization is None:
        return ""
    # Bytes that are no UTF-8 are in no key; what they are replaced by is in none either.
    scheme, _, token = authorization.decode("utf-8", "replace").partition(" ")
    return token.strip() if scheme.lower() == _SCHEME else ""
