"""Configuration: effective configurations, overrides and platforms."""
