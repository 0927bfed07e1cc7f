"""What may be asked for when an API key is rotated."""

from __future__ import annotations

from datetime import timedelta

from domain.errors import InputProblem, InputProblemCode, InvalidInput

OVERLAP_MAXIMUM = timedelta(days=7)


def rotation_overlap(seconds: int) -> timedelta:
    """Check for how long the old secret goes on working: 0 to 604,800 seconds.

    Raises:
        InvalidInput: it is out of bounds.
    """
    maximum = int(OVERLAP_MAXIMUM.total_seconds())
    if 0 <= seconds <= maximum:
        return timedelta(seconds=seconds)
    code = InputProblemCode.TOO_SMALL if seconds < 0 else InputProblemCode.TOO_LARGE
    raise InvalidInput(
        [InputProblem(("overlapSeconds",), code, f"overlapSeconds has to be 0 to {maximum}, not {seconds}.")]
    )


def key_does_not_work() -> InvalidInput:
    """Refuse to rotate a key that was revoked or has expired: its new secret would not work either."""
    return InvalidInput(
        [
            InputProblem(
                ("id",),
                InputProblemCode.NOT_ALLOWED,
                "The key was revoked or has expired, so a new secret would not work either; issue a new key.",
            )
        ]
    )
