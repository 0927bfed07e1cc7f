"""How long something keeps the processor busy."""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def takes_less_than(seconds: float) -> Iterator[None]:
    """Hold what is done within to this much of the processor, of all threads of this process together.

    Thousands of tests leave half a second's work to Python's search for cycles. Whoever comes upon it did not make it.
    """
    gc.freeze()
    began = time.process_time()
    try:
        yield
        spent = time.process_time() - began
    finally:
        gc.unfreeze()
    assert spent < seconds, f"{spent:.3f} s of the processor, not under {seconds} s"
