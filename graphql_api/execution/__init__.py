"""Compiled execution of operations: each is turned into code once, and run for every request."""
