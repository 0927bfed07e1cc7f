"""What may be asked for when a key is rotated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.api_key_rotation import key_does_not_work, rotation_overlap
from domain.errors import InputProblemCode, InvalidInput


@pytest.mark.parametrize("seconds", [0, 1, 604_800])
def test_two_secrets_may_work_side_by_side_for_up_to_a_week(seconds: int) -> None:
    assert rotation_overlap(seconds) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-1, InputProblemCode.TOO_SMALL),
        (-(2**31), InputProblemCode.TOO_SMALL),
        (604_801, InputProblemCode.TOO_LARGE),
        (2**31 - 1, InputProblemCode.TOO_LARGE),
    ],
)
def test_an_overlap_beyond_its_bounds_is_refused(seconds: int, code: InputProblemCode) -> None:
    with pytest.raises(InvalidInput) as refused:
        rotation_overlap(seconds)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [(("overlapSeconds",), code)]


def test_a_key_that_does_not_work_is_refused_by_its_id() -> None:
    assert [(problem.path, problem.code) for problem in key_does_not_work().problems] == [
        (("id",), InputProblemCode.NOT_ALLOWED)
    ]
