"""Who is calling: from the Authorization header to a viewer."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from db.queries.api_keys import credentials
from domain.api_key import digest, is_mistyped
from domain.platform import PlatformType
from domain.viewer import Admin, Service, TeamKey, Viewer
from graphql_api.setting_values import admin_keys

if TYPE_CHECKING:
    from db.database import Database
    from graphql_api.key_use import KeyUse
    from graphql_api.settings import Settings

_SCHEME = "bearer"


class Authenticator:
    """Recognises callers. Keys of the process are compared by digest in constant time, keys of teams are looked up."""

    def __init__(self, settings: Settings, database: Database, key_use: KeyUse) -> None:
        self._database = database
        self._key_use = key_use
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

    async def viewer(self, authorization: bytes | None) -> Viewer | None:
        """Give the viewer that a header's value stands for; None where it stands for none.

        A key that is missing, wrong, revoked, expired or of an inactive team is all the same here.

        Raises:
            DatabaseUnavailable: a team's key cannot be looked up.
        """
        key = _bearer_token(authorization)
        if not key:
            return None
        key_digest = digest(key)
        found: Viewer | None = None
        # All are compared, so that the time tells nothing about which one matched.
        for known_digest, viewer in self._known:
            if hmac.compare_digest(known_digest, key_digest.encode()) and found is None:
                found = viewer
        if found is not None:
            return found
        if is_mistyped(key):
            return None
        team_key = await self._database.fetch(lambda session: credentials(session, key_digest))
        if team_key is None:
            return None
        self._key_use.note(team_key)
        return TeamKey(
            name=team_key.prefix,
            team_id=team_key.team_id,
            api_key_id=team_key.api_key_id,
            platform_name=team_key.platform_name,
            platform_type=team_key.platform_type,
        )


def _bearer_token(authorization: bytes | None) -> str:
    if authorization is None:
        return ""
    # Bytes that are no UTF-8 are in no key; what they are replaced by is in none either.
    scheme, _, token = authorization.decode("utf-8", "replace").partition(" ")
    return token.strip() if scheme.lower() == _SCHEME else ""
