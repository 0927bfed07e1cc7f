"""What Python itself reports, in the log: warnings, and exceptions that nobody is there to be told of."""

from __future__ import annotations

import inspect
import logging
import re
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

# The standard library's, which may be called in the middle of a call of itself: garbage is collected anywhere.
logger = logging.getLogger(__name__)

# The library leaves them un-awaited where an error ends an execution first. Nothing is lost by it, and a caller could
# fill the log with it.
_ABANDONED_BY_LIBRARY = r"(Executor|GraphQLCoreConverter)\."


def log_reports_of_python() -> None:
    """Have what Python would write to standard error by itself written as lines of the log."""
    logging.captureWarnings(capture=True)
    warnings.filterwarnings("ignore", f"coroutine '{_ABANDONED_BY_LIBRARY}", RuntimeWarning)
    sys.unraisablehook = _log_unraisable


def _log_unraisable(report: UnraisableHookArgs) -> None:
    name = getattr(report.object, "__qualname__", type(report.object).__name__)
    # Where garbage is found while a named tuple is made, whose code can import nothing, Python cannot warn of it.
    if _never_began(report.object) and re.match(_ABANDONED_BY_LIBRARY, name):
        return
    logger.error(
        report.err_msg or "Python met an exception that it could raise nowhere.",
        extra={"within": name},
        exc_info=(report.exc_type, report.exc_value or report.exc_type(), report.exc_traceback),
    )


def _never_began(found: object) -> bool:
    return inspect.iscoroutine(found) and inspect.getcoroutinestate(found) == inspect.CORO_CREATED
