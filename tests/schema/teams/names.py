"""Names, good and bad, and the models that a private team inherits."""

from __future__ import annotations

from domain.config.settings_table import AVAILABLE_MODELS
from domain.platform import PlatformType

PRIVATE_MODELS = list(AVAILABLE_MODELS.defaults[PlatformType.PRIVATE].value)
FIRST_MODEL, SECOND_MODEL = PRIVATE_MODELS[:2]
# Each with the code of its problem.
REFUSED_NAMES = [
    ("", "TOO_SHORT"),
    (" \t\r\n\u3000", "TOO_SHORT"),
    ("n" * 256, "TOO_LONG"),
    ("a\x00b", "MALFORMED"),
    ("a\x1bb", "MALFORMED"),
    ("a\nb", "MALFORMED"),
    ("a\x85b", "MALFORMED"),
    ("a\u2028b", "MALFORMED"),
    ("a\u202eb", "MALFORMED"),
    ("a\u2066b", "MALFORMED"),
]
# Each with what is stored of it.
STORED_NAMES = [
    ("n", "n"),
    ("n" * 255, "n" * 255),
    ("\u3000 Acme\t\n", "Acme"),
    (" " * 300 + "m" * 255, "m" * 255),
    ("Cafe\u0301", "Caf\u00e9"),
    ("e\u0301" * 255, "\u00e9" * 255),
    ("Робітники 👩\u200d🔧 '; DROP TABLE teams; --", "Робітники 👩\u200d🔧 '; DROP TABLE teams; --"),
]
