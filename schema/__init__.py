"""The GraphQL surface, laid out by noun.

Resolvers authorise, have their input checked by the domain, call one query or command, and return. Modules here go
without `from __future__ import annotations`: the framework reads annotations while the program runs.
"""
