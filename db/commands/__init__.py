"""Writes, one a file. Each takes an open transaction and domain values, flushes, and never commits."""
