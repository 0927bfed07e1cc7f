"""What text may be stored: as a name, and as text of any other kind."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any

from domain.errors import InputProblem, InputProblemCode

NAME_MAXIMUM_LENGTH = 255

# Normalising takes time that grows with the square of a run of combining characters, so only what can become a name is
# normalised: four characters at most become one.
_LONGEST_FORM_OF_A_NAME = 4 * NAME_MAXIMUM_LENGTH

_NUL = "\x00"
_SURROGATES = "\ud800-\udfff"
_CONTROLS = "\x00-\x1f\x7f-\x9f"
_CONTROLS_BUT_LINES_AND_TABS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_LINE_SEPARATORS = "\u2028\u2029"
# Characters that reorder what a reader sees, so that one name can pass for another (Unicode TR 36).
_BIDIRECTIONAL_CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"

_NOT_STORABLE = re.compile(f"[{_NUL}{_SURROGATES}]")

NOT_IN_TEXT = re.compile(f"[{_CONTROLS_BUT_LINES_AND_TABS}{_SURROGATES}]")
"""What no text may hold: half characters, and control characters but for lines and tabs."""

NOT_IN_A_DESCRIPTION = re.compile(f"[{_CONTROLS_BUT_LINES_AND_TABS}{_SURROGATES}{_LINE_SEPARATORS}]")
"""Line separators as well, which most readers do not show as lines."""

NOT_IN_A_NAME = re.compile(f"[{_CONTROLS}{_SURROGATES}{_LINE_SEPARATORS}{_BIDIRECTIONAL_CONTROLS}]")
"""Whatever breaks lines or rearranges the text around a name as well."""

# Letters, numbers, punctuation and symbols; a name of joiners and spaces alone would look like none.
_VISIBLE = frozenset("LNPS")


def is_storable(text: str) -> bool:
    """Say whether PostgreSQL can hold the text: it takes neither NUL nor lone surrogates."""
    return _NOT_STORABLE.search(text) is None


def is_nameable(text: str) -> bool:
    """Say whether the text, in one form or another, may be a name that is stored.

    What may not names nothing, so that a look-up by it needs no database.
    """
    return len(text) <= _LONGEST_FORM_OF_A_NAME and is_storable(text)


_WITHOUT_TEXT = frozenset({int, bool, type(None)})


def storable(value: Any) -> Any:
    """Give a value of JSON with the characters replaced that PostgreSQL or UTF-8 cannot hold."""
    if value.__class__ in _WITHOUT_TEXT:
        return value
    match value:
        case str():
            if value.isascii() and _NUL not in value:
                return value
            return value.encode(errors="replace").decode().replace(_NUL, "\N{REPLACEMENT CHARACTER}")
        case list() | tuple():
            return [storable(entry) for entry in value]
        case dict():
            return {storable(key): storable(entry) for key, entry in value.items()}
    return value


@functools.cache
def public_name(attribute: str) -> str:
    """Give the name that an attribute bears in the public schema."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


def clean_name(text: str) -> str:
    """Give a name as it is stored: NFC-normalised, without white space at either end."""
    return normalized(text.strip()).strip()


def normalized(text: str) -> str:
    """Give text in the one form (NFC) of all that look the same, in which names are stored.

    Text that is too long for a name in any form is given back as it is.
    """
    return text if len(text) > _LONGEST_FORM_OF_A_NAME else unicodedata.normalize("NFC", text)


def forms_of_name(text: str) -> tuple[str, ...]:
    """Give the forms under which a name may be stored: normalised, or where it is older than that rule, as it is."""
    form = normalized(text)
    return (text,) if form == text else (text, form)


def name_problems(
    text: str, path: tuple[str, ...], *, label: str, maximum_length: int = NAME_MAXIMUM_LENGTH
) -> list[InputProblem]:
    """Check a cleaned name: 1 to `maximum_length` characters, no control characters, no bidirectional controls."""
    if problems := text_problems(text, path, label=label, maximum_length=maximum_length, unwanted=NOT_IN_A_NAME):
        return problems
    if not any(unicodedata.category(character)[0] in _VISIBLE for character in text):
        return [InputProblem(path, InputProblemCode.TOO_SHORT, f"{label} needs at least 1 character that can be seen.")]
    return []


def text_problems(
    text: str, path: tuple[str, ...], *, label: str, maximum_length: int, unwanted: re.Pattern[str] = NOT_IN_TEXT
) -> list[InputProblem]:
    """Check text: at most `maximum_length` characters, and none that is `unwanted`."""
    if len(text) > maximum_length:
        return [
            InputProblem(
                path,
                InputProblemCode.TOO_LONG,
                f"{label} may have at most {maximum_length} characters; this has {len(text)}.",
            )
        ]
    found = unwanted.search(text)
    if found is None:
        return []
    return [
        InputProblem(
            path,
            InputProblemCode.MALFORMED,
            f"{label} holds the character U+{ord(found[0]):04X} at position {found.start()}, "
            "which is not allowed there.",
        )
    ]
