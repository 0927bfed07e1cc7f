"""What text may be stored as a name."""

from __future__ import annotations

import unicodedata
from typing import Any

from domain.errors import InputProblem, InputProblemCode

NAME_MAXIMUM_LENGTH = 255

# Characters that reorder what a reader sees, so that one name can pass for another (Unicode TR 36).
_BIDIRECTIONAL_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters, numbers, punctuation and symbols; a name of joiners and spaces alone would look like none.
_VISIBLE = frozenset("LNPS")
_UNWANTED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def is_storable(text: str) -> bool:
    """Say whether PostgreSQL can hold the text: it takes neither NUL nor lone surrogates.

    Text that cannot be stored names nothing, so that a look-up by it needs no database.
    """
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def storable(value: Any) -> Any:
    """Give a value of JSON with the characters replaced that PostgreSQL or UTF-8 cannot hold."""
    match value:
        case str():
            return value.encode(errors="replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
        case list() | tuple():
            return [storable(entry) for entry in value]
        case dict():
            return {storable(key): storable(entry) for key, entry in value.items()}
    return value


def public_name(attribute: str) -> str:
    """Give the name that an attribute bears in the public schema."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


def clean_name(text: str) -> str:
    """Give a name as it is stored: NFC-normalised, without white space at either end."""
    return normalized(text).strip()


def normalized(text: str) -> str:
    """Give text in the one form (NFC) of all that look the same, in which names are stored."""
    return unicodedata.normalize("NFC", text)


def name_problems(
    text: str, path: tuple[str, ...], *, label: str, maximum_length: int = NAME_MAXIMUM_LENGTH
) -> list[InputProblem]:
    """Check a cleaned name: 1 to `maximum_length` characters, no control characters, no bidirectional controls."""
    if not any(unicodedata.category(character)[0] in _VISIBLE for character in text):
        return text_problems(text, path, label=label, also_unwanted=_BIDIRECTIONAL_CONTROLS) or [
            InputProblem(path, InputProblemCode.TOO_SHORT, f"{label} needs at least 1 character that can be seen.")
        ]
    if len(text) > maximum_length:
        return [
            InputProblem(
                path,
                InputProblemCode.TOO_LONG,
                f"{label} may have at most {maximum_length} characters; this has {len(text)}.",
            )
        ]
    return text_problems(text, path, label=label, also_unwanted=_BIDIRECTIONAL_CONTROLS)


def text_problems(
    text: str,
    path: tuple[str, ...],
    *,
    label: str,
    also_unwanted: frozenset[str] = frozenset(),
    allowed: str = "",
) -> list[InputProblem]:
    """Check text for NUL, lone surrogates, line separators and control characters, but for those allowed."""
    for position, character in enumerate(text):
        unwanted = unicodedata.category(character) in _UNWANTED_CATEGORIES or character in also_unwanted
        if unwanted and character not in allowed:
            return [
                InputProblem(
                    path,
                    InputProblemCode.MALFORMED,
                    f"{label} holds the character U+{ord(character):04X} at position {position}, "
                    "which is not allowed there.",
                )
            ]
    return []
