"""Ids that name nothing."""

from __future__ import annotations

import base64


def encoded(text: str) -> str:
    """Write text as global ids are written."""
    return base64.b64encode(text.encode()).decode()


def strange_ids(type_name: str) -> list[str]:
    """Give ids that name no row of a type: unknown ones, such as only look like one, and those of another type."""
    exact = encoded(f"{type_name}:1")
    other = "Session" if type_name == "Team" else "Team"
    return [
        encoded(f"{type_name}:999999"),
        encoded(f"{type_name}:{2**31 - 1}"),
        encoded(f"{type_name}:{2**31}"),
        encoded(f"{type_name}:{10**40}"),
        encoded(f"{type_name}:0"),
        encoded(f"{type_name}:-1"),
        encoded(f"{type_name}:01"),
        encoded(f"{type_name}: 1"),
        encoded(f"{type_name}:1:1"),
        encoded(f"{type_name}:\u0661"),
        encoded(f"{type_name}:1\x00"),
        encoded(f"{type_name}:"),
        encoded(f"{type_name.lower()}:1"),
        encoded(f"{other}:1"),
        encoded("Query:1"),
        encoded(":1"),
        exact + "=",
        exact + "\n",
        " " + exact,
        *({exact.rstrip("=")} - {exact}),
        f"{type_name}:1",
        "1",
        "",
        "\x00",
        "Ünïcode",
        "A" * 10_000,
    ]
