"""The shared config merger: a team's overrides over its platform type's defaults."""
