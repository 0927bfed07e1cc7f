"""What an ASGI server loads: each worker reads the settings of its own environment."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from graphql_api.app import create_app
from graphql_api.logging import configure_logging
from graphql_api.settings import load_settings

if TYPE_CHECKING:
    from starlette.applications import Starlette


_OBJECTS_BETWEEN_COLLECTIONS = 35_000
"""How many objects are made, beyond those that ended, before Python looks for cycles among them: some 7 MB.

The answer to one large query takes several thousand at a time, all of which are in use. By default, it would be looked
through ten times and more while it is made, together with all that the process has loaded.
"""


def application() -> Starlette:
    """Make the application of a process."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    app = create_app(settings)
    collect_seldom()
    return app


def collect_seldom() -> None:
    """Have Python look for cycles seldom, and no more among what is there by now, which stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
