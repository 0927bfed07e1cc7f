"""API keys: their form, and that only what may be stored or shown ever is."""

from __future__ import annotations

import re

from domain.api_key import NewApiKey, digest, fingerprint, new_api_key

SECRET = "ak_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde"
SHA256_OF_SECRET = "a8831b9b0e8a9f1fa9b3bc39ce3c280c3f83cd63f4defc09ae1558db48a55382"


def test_a_new_key_is_its_start_43_url_safe_characters_and_a_checksum() -> None:
    assert re.fullmatch(r"ak_[A-Za-z0-9_-]{43}[A-Za-z0-9]{6}", new_api_key().secret)


def test_no_two_keys_are_alike() -> None:
    assert len({new_api_key().secret for _ in range(100)}) == 100


def test_a_key_is_stored_by_its_first_12_characters_and_the_digest_of_the_whole() -> None:
    """Keys already handed out are stored in this form and have to go on working."""
    key = NewApiKey(SECRET)
    assert key.prefix == "ak_AbCdEfGhI"
    assert key.key_hash == digest(SECRET) == SHA256_OF_SECRET


def test_the_secret_stays_out_of_what_is_logged() -> None:
    key = NewApiKey(SECRET)
    assert SECRET[3:] not in f"{key!r} {key} {[key]}"


def test_a_fingerprint_tells_keys_apart_and_holds_nothing_of_them() -> None:
    assert fingerprint(SECRET) == "key-a8831b9b"


def test_text_that_is_no_key_has_a_digest_of_its_own() -> None:
    """A request may present anything as its key; it has to be refused, not to fail."""
    assert len({digest(text) for text in ("", "\ud800", "\udfff", "?", "\x00")}) == 5
