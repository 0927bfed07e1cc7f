"""API keys: their form, and that only what may be stored or shown ever is."""

from __future__ import annotations

import base64
import re
import string
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from domain.api_key import NewApiKey, digest, fingerprint, is_mistyped, new_api_key

SECRET = "ak_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde"
CHECKSUM_OF_SECRET = "0OdzX3"
TYPED = string.ascii_letters + string.digits + "-_"
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


def _secret_of(random: bytes) -> str:
    """Give the secret of a key that was made of these random bytes."""
    body = base64.urlsafe_b64encode(random).rstrip(b"=").decode()
    with patch("secrets.token_urlsafe", return_value=body):
        return new_api_key().secret


secrets_in_use = st.binary(min_size=32, max_size=32).map(_secret_of)


@given(secrets_in_use)
def test_a_key_as_it_was_issued_is_not_taken_for_a_mistyped_one(secret: str) -> None:
    assert len(secret) == 52
    assert not is_mistyped(secret)


@given(secrets_in_use, st.data())
def test_one_wrong_character_anywhere_is_noticed(secret: str, data: st.DataObject) -> None:
    """Anywhere but in the start: what does not begin like a key is no key of this form, and is looked up."""
    place = data.draw(st.integers(3, 51))
    wrong = data.draw((st.sampled_from(TYPED) | st.characters()).filter(lambda character: character != secret[place]))
    assert is_mistyped(secret[:place] + wrong + secret[place + 1 :])


@given(secrets_in_use)
def test_every_swap_of_neighbours_is_noticed(secret: str) -> None:
    for place in range(3, 51):
        swapped = secret[:place] + secret[place + 1] + secret[place] + secret[place + 2 :]
        assert is_mistyped(swapped) is (swapped != secret), place


@given(secrets_in_use, st.text(min_size=1, max_size=60))
def test_every_insertion_is_noticed(secret: str, inserted: str) -> None:
    for place in range(3, 53):
        assert is_mistyped(secret[:place] + inserted + secret[place:]), place


@given(secrets_in_use)
def test_every_truncation_to_more_than_a_key_of_old_is_noticed(secret: str) -> None:
    for length in range(47, 52):
        assert is_mistyped(secret[:length]), length
    # These could be keys of old, which only the database knows.
    assert not is_mistyped(secret[:46])


def test_a_text_of_another_length_is_no_key_even_with_the_right_checksum() -> None:
    for length in (44, 49, 100):
        with patch("secrets.token_urlsafe", return_value="x" * length):
            assert is_mistyped(new_api_key().secret), length


@given(st.text(TYPED, min_size=43, max_size=43))
def test_keys_of_old_have_no_checksum_and_are_looked_up(body: str) -> None:
    assert not is_mistyped("ak_" + body)


@given(st.text(st.characters(exclude_categories=())).filter(lambda text: not text.startswith("ak_")))
def test_whatever_does_not_begin_like_a_key_is_looked_up(text: str) -> None:
    """A key of another form, handed out by the earlier service, is not refused by this rule."""
    assert not is_mistyped(text)


def test_text_that_is_not_even_unicode_is_judged_like_any_other() -> None:
    assert is_mistyped("ak_" + "\ud800" * 49)
    assert not is_mistyped("ak_\udfff")


def test_the_checksum_is_the_one_that_keys_already_issued_carry() -> None:
    """Written down once: another rule would turn away every key in use."""
    assert not is_mistyped(SECRET + CHECKSUM_OF_SECRET)
    assert [is_mistyped(SECRET + "000000"), is_mistyped(SECRET + CHECKSUM_OF_SECRET[::-1])] == [True, True]
