"""Measurements to be run by hand, each on a private PostgreSQL of its own."""
