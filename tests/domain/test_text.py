"""Names as they are stored: one form for what looks the same, and nothing that a database or a reader cannot take."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given

from domain.errors import InputProblemCode
from domain.text import (
    clean_name,
    forms_of_name,
    is_nameable,
    is_storable,
    name_problems,
    normalized,
    text_problems,
)
from tests.domain.config.strategies import any_text

LONE_SURROGATE = "\ud800"


@given(any_text)
def test_cleaning_gives_the_one_form_of_a_name(text: str) -> None:
    cleaned = clean_name(text)
    assert clean_name(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert unicodedata.is_normalized("NFC", cleaned)


def test_names_that_look_the_same_become_the_same() -> None:
    assert clean_name("Cafe\u0301") == clean_name(" Caf\u00e9\u00a0") == "Caf\u00e9"


def test_names_that_look_different_stay_different() -> None:
    assert clean_name("\ufb01n\u00b2") == "\ufb01n\u00b2"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", InputProblemCode.TOO_SHORT),
        ("n", None),
        ("n" * 255, None),
        ("n" * 256, InputProblemCode.TOO_LONG),
        ("\N{GRINNING FACE}" * 255, None),
        ("a\x00b", InputProblemCode.MALFORMED),
        ("a\nb", InputProblemCode.MALFORMED),
        ("a\x7fb", InputProblemCode.MALFORMED),
        (LONE_SURROGATE, InputProblemCode.MALFORMED),
        ("a\u202eb", InputProblemCode.MALFORMED),
        ("a\u2066b", InputProblemCode.MALFORMED),
    ],
)
def test_a_name_has_1_to_255_characters_none_of_them_hidden(text: str, code: InputProblemCode | None) -> None:
    problems = name_problems(text, ("displayName",), label="displayName")
    assert [(problem.path, problem.code) for problem in problems] == ([(("displayName",), code)] if code else [])


def test_a_problem_says_which_character_and_where() -> None:
    (problem,) = text_problems("ab\x07", (), label="description", maximum_length=3)
    assert "U+0007 at position 2" in problem.message


def test_text_other_than_names_may_change_its_direction_and_hold_what_is_allowed() -> None:
    assert text_problems("a\u202eb\r\n\t\u2028", (), label="content", maximum_length=10) == []
    for control in (*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(0x0E, 0x20)), *map(chr, range(0x7F, 0xA0))):
        (problem,) = text_problems(f"a{control}", (), label="content", maximum_length=10)
        assert problem.code is InputProblemCode.MALFORMED


@given(any_text)
def test_text_is_storable_exactly_where_postgresql_takes_it(text: str) -> None:
    encodable = text == text.encode(errors="replace").decode()
    assert is_storable(text) is (encodable and "\x00" not in text)


@pytest.mark.parametrize("text", ["\x00", "a\ud800", "\udfff"])
def test_nul_and_lone_surrogates_are_not_storable(text: str) -> None:
    assert not is_storable(text)
    assert not is_nameable(text)
    assert text_problems(text, (), label="text", maximum_length=10)


def test_no_run_of_combining_characters_takes_time_that_grows_with_its_square() -> None:
    """Normalising a million of them would take minutes; no name is as long in any form, so it is not even tried."""
    text = "a" + "\u0315\u0300" * 500_000
    assert clean_name(text) == text
    assert normalized(text) == text
    assert not is_nameable(text)


def test_a_name_of_the_greatest_length_may_be_given_with_four_characters_for_each_of_its_own() -> None:
    four_for_one = "\u1f82" * 255
    apart = unicodedata.normalize("NFD", four_for_one)
    assert len(apart) == 4 * 255
    assert clean_name(apart) == four_for_one


@given(any_text)
def test_a_name_is_looked_for_as_it_is_given_and_normalised(text: str) -> None:
    assert text in forms_of_name(text)
    assert unicodedata.normalize("NFC", text) in forms_of_name(text)
