"""The loaders of an operation go when it is over, with all that they have read, and not when cycles are looked for."""

from __future__ import annotations

import gc
import weakref
from functools import cached_property
from typing import Any, cast

import pytest

from db.text_budget import TextBudget
from domain.viewer import Admin
from schema.loaders import Loaders

NAMES = [name for name, made in vars(Loaders).items() if isinstance(made, cached_property)]


@pytest.mark.parametrize("name", NAMES)
def test_loaders_do_not_hold_themselves(name: str) -> None:
    """A server would hold what many requests have read, until it has made enough objects to look for cycles."""
    gc.disable()
    try:
        # No database is asked for anything.
        loaders = Loaders(cast("Any", None), Admin("tester"), TextBudget(1))
        kept = [weakref.ref(loaders), weakref.ref(getattr(loaders, name))]
        del loaders
        assert [each() for each in kept] == [None, None]
    finally:
        gc.enable()
