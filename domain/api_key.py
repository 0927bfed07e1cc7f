"""API keys: how one is made, and what of it may be stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

_KEY_START = "ak_"
_PREFIX_LENGTH = 12
_RANDOM_BYTES = 32  # 43 URL-safe characters


def digest(secret: str) -> str:
    """Give the SHA-256 hex digest (64 characters) under which a key is stored and found.

    Any text is taken, also one that is no key.
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def fingerprint(secret: str) -> str:
    """Give a short name for a key that has none of its own: enough to tell keys apart, no help in guessing one."""
    return f"key-{digest(secret)[:8]}"


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
    """Make a key: `ak_` and 43 random URL-safe characters (256 bits)."""
    return NewApiKey(_KEY_START + secrets.token_urlsafe(_RANDOM_BYTES))
