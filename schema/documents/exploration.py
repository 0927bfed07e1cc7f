"""Who may look at the schema itself: by introspection, and by the suggestions in errors."""

import enum

from domain.viewer import Viewer, ViewerKind


class Exploration(enum.Enum):
    """Who may look at the schema itself."""

    EVERYONE = "everyone"
    ADMINS = "admins"

    def allows(self, viewer: Viewer) -> bool:
        """Say whether a viewer may."""
        return self is Exploration.EVERYONE or viewer.kind is ViewerKind.ADMIN
