"""How the values of environment variables are read, beyond what pydantic does by itself."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any

from db.engine import database_url
from domain.api_key import digest, fingerprint
from domain.text import clean_name, name_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SecretStr


def read_list(value: Any) -> Any:
    """Read a list: comma-separated, or a JSON array. White space around entries does not count."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            entries = json.loads(text)
        except ValueError:
            raise ValueError("it begins like a JSON array and is none") from None
        if not all(isinstance(entry, str) for entry in entries):
            raise ValueError("every entry of the JSON array has to be text")
        return tuple(entry.strip() for entry in entries)
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def check_database_url(value: SecretStr | None) -> SecretStr | None:
    """Refuse what is no address of a PostgreSQL database."""
    if value is not None:
        database_url(value.get_secret_value())
    return value


_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def check_origins(origins: Sequence[str]) -> Sequence[str]:
    """Refuse what is no origin: a scheme and a host, perhaps a port; or `*`."""
    for number, origin in enumerate(origins, start=1):
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"entry {number} is no origin; write it like https://admin.example.com")
    return origins


def check_proxies(proxies: Sequence[str]) -> Sequence[str]:
    """Refuse what is no address and no network; `*` stands for all."""
    for number, proxy in enumerate(proxies, start=1):
        try:
            if proxy != "*":
                ipaddress.ip_network(proxy)
        except ValueError:
            raise ValueError(f"entry {number} is no address and no network; write it like 10.0.0.0/8") from None
    return proxies


_NAME_MAXIMUM_LENGTH = 100


class AdminKey:
    """An administrator's key as the process keeps it: a name and a digest, never the key."""

    __slots__ = ("key_digest", "name")

    def __init__(self, entry: str) -> None:
        name, separator, key = entry.partition(":")
        if not separator:
            name, key = "", entry
        if not key.strip():
            raise ValueError("an entry has to be a key, or name:key")
        name = clean_name(name)
        # It is stored with whatever this administrator changes.
        if name and (problems := name_problems(name, (), label="a name", maximum_length=_NAME_MAXIMUM_LENGTH)):
            raise ValueError(problems[0].message)
        self.name = name or fingerprint(key.strip())
        self.key_digest = digest(key.strip())

    def __repr__(self) -> str:
        return f"<AdminKey {self.name}>"


def admin_keys(setting: SecretStr) -> tuple[AdminKey, ...]:
    """Read the keys of administrators, a list of which each entry is a key or `name:key`."""
    return tuple(AdminKey(entry) for entry in read_list(setting.get_secret_value()))


def check_admin_keys(value: SecretStr) -> SecretStr:
    """Refuse an entry that holds no key, and a key that two entries hold: the trail could not tell whose it is."""
    taken: dict[str, int] = {}
    for number, key in enumerate(admin_keys(value), start=1):
        if (first := taken.setdefault(key.key_digest, number)) != number:
            raise ValueError(f"entries {first} and {number} hold the same key; each caller needs a key of its own")
    return value
