"""What an ASGI server loads: each worker reads the settings of its own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql_api.app import create_app
from graphql_api.logging import configure_logging
from graphql_api.settings import load_settings

if TYPE_CHECKING:
    from starlette.applications import Starlette


def application() -> Starlette:
    """Make the application of a process."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    return create_app(settings)
