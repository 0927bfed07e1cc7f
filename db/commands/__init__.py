"""Writes, one a file. Each takes an open transaction and domain values, and never ends the transaction."""
