"""API keys: how one is made, and what of it may be stored."""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass, field
from datetime import timedelta

_KEY_START = "ak_"
_PREFIX_LENGTH = 12
_RANDOM_BYTES = 32  # 43 URL-safe characters
_CHECKSUM_ALPHABET = string.digits + string.ascii_letters
_CHECKSUM_LENGTH = 6  # base 62 of the 32 bits
_LENGTH_WITHOUT_CHECKSUM = len(_KEY_START) + 43
_LENGTH = _LENGTH_WITHOUT_CHECKSUM + _CHECKSUM_LENGTH

LAST_USE_RESOLUTION = timedelta(minutes=1)
"""How exactly the last use of a key is known: it is written at most once in this time."""


def digest(secret: str) -> str:
    """Give the SHA-256 hex digest (64 characters) under which a key is stored and found.

    Any text is taken, also one that is no key.
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def fingerprint(secret: str) -> str:
    """Give a short name for a key that has none of its own: enough to tell keys apart, no help in guessing one."""
    return f"key-{digest(secret)[:8]}"


def is_mistyped(secret: str) -> bool:
    """Say whether a text is seen to be no key without looking it up: it begins like one, and its checksum is wrong.

    Keys of old have no checksum and 46 characters. What is no longer than they are may be one of them, or anything
    else, and has to be looked up.
    """
    if not secret.startswith(_KEY_START) or len(secret) <= _LENGTH_WITHOUT_CHECKSUM:
        return False
    return len(secret) != _LENGTH or _checksum(secret[:-_CHECKSUM_LENGTH]) != secret[-_CHECKSUM_LENGTH:]


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key that was just made. The secret is shown once and kept nowhere; it stays out of `repr`."""

    secret: str = field(repr=False)

    @property
    def prefix(self) -> str:
        """The first 12 characters, which tell a team's keys apart."""
        return self.secret[:_PREFIX_LENGTH]

    @property
    def key_hash(self) -> str:
        """What is stored in the place of the key."""
        return digest(self.secret)


def new_api_key() -> NewApiKey:
    """Make a key: `ak_`, 43 random URL-safe characters (256 bits), and a checksum of 6 letters and digits."""
    body = _KEY_START + secrets.token_urlsafe(_RANDOM_BYTES)
    return NewApiKey(body + _checksum(body))


def _checksum(text: str) -> str:
    """Give the CRC-32 in base 62: it notices every wrong character, and every two neighbours that were swapped."""
    rest = zlib.crc32(text.encode(errors="surrogatepass"))
    characters = ""
    for _ in range(_CHECKSUM_LENGTH):
        rest, position = divmod(rest, len(_CHECKSUM_ALPHABET))
        characters += _CHECKSUM_ALPHABET[position]
    return characters
