"""A writer that keeps account of what was acknowledged, and compares it with what is stored."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.faults.requests import CREATE

if TYPE_CHECKING:
    import threading

    from tests.faults.requests import Serves

CHANGE = """mutation ($id: ID!, $limit: Int!) {
  updateTeamOverrides(input: {id: $id, overrides: {rateLimit: $limit}}) {
    ... on UpdateTeamOverridesSuccess { team { revision } }
  }
}"""
OPEN = """mutation ($team: ID!) {
  openSession(input: {teamId: $team, userId: "u"}) {
    ... on OpenSessionSuccess { session { id sessionId } }
  }
}"""
APPEND = """mutation ($session: ID!, $text: String!) {
  appendMessages(input: {sessionId: $session, messages: [
    {role: USER, content: $text}, {role: ASSISTANT, content: $text}, {role: USER, content: $text}
  ]}) { ... on AppendMessagesSuccess { messages { id } } }
}"""
RECORD = """mutation ($session: ID!) {
  recordUsage(input: {sessionId: $session, model: "m", success: true, tokensUsed: 7}) { __typename }
}"""
AT_ONCE = 3


@dataclass
class Ledger:
    """What was acknowledged, by the name of the team. What was sent and not acknowledged may have taken place."""

    revisions: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)
    usage: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent: int = 0

    @property
    def acknowledged(self) -> int:
        """How many changes were acknowledged."""
        return sum(self.revisions.values()) + len(self.sessions) + self.messages.total() + self.usage.total()

    def write(self, server: Serves, name: str, *, until: threading.Event, changes: int | None = None) -> None:
        """Make a team and change what belongs to it, until the event or so many changes. Failures are passed over.

        Raises:
            httpx.TransportError: the server is gone.
        """
        team = team_id = session_id = ""
        for number in itertools.count() if changes is None else range(changes):
            if until.is_set():
                return
            if not team_id:
                team = f"{name}-{number}"
                if created := self._ask(server, team, CREATE, {"name": team}):
                    team_id = created["createTeam"]["team"]["id"]
                    self.revisions[team] = 1
            elif not session_id:
                if opened := self._ask(server, team, OPEN, {"team": team_id}):
                    session_id = opened["openSession"]["session"]["id"]
                    self.sessions[team] = opened["openSession"]["session"]["sessionId"]
            else:
                self._change(server, team, team_id, session_id, number)

    def _change(self, server: Serves, team: str, team_id: str, session_id: str, number: int) -> None:
        if number % 3 == 0:
            if changed := self._ask(server, team, CHANGE, {"id": team_id, "limit": number % 900 + 1}):
                self.revisions[team] = changed["updateTeamOverrides"]["team"]["revision"]
        elif number % 3 == 1:
            if self._ask(server, team, APPEND, {"session": session_id, "text": str(number)}):
                self.messages[team] += 1
        elif self._ask(server, team, RECORD, {"session": session_id}):
            self.usage[team] += 1

    def _ask(self, server: Serves, team: str, document: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        sent = (team, document)
        self.sent += 1
        self.unanswered[sent] += 1
        response = server.post(document, variables)
        body = response.json()
        if response.status_code == 200 and not body.get("errors"):
            self.unanswered[sent] -= 1
            data: dict[str, Any] = body["data"]
            return data
        assert response.status_code == 503, response.text
        return None

    async def check(self, address: str) -> None:
        """Compare with the database: nothing acknowledged is missing, and nothing is there by halves."""
        connection = await asyncpg.connect(address)
        try:
            stored = {row["display_name"]: row for row in await connection.fetch(_STORED)}
            sessions = {row["session_id"]: row["display_name"] for row in await connection.fetch(_SESSIONS)}
            assert await connection.fetch(_HALVES) == []
            assert await connection.fetch(_TOTALS_THAT_DISAGREE) == []
        finally:
            await connection.close()
        for team, session_id in self.sessions.items():
            assert sessions.get(session_id) == team, f"the session that was opened for {team} is there"
        for team, revision in self.revisions.items():
            row = stored[team]
            assert revision <= row["revision"] <= revision + self.unanswered[team, CHANGE], team
            assert row["trail"] == row["revision"], "each change left its trail"
            for document, acknowledged, found in (
                (APPEND, self.messages[team], row["messages"]),
                (RECORD, self.usage[team], row["usage"]),
            ):
                assert acknowledged <= found <= acknowledged + self.unanswered[team, document], (team, document)


_STORED = f"""
    SELECT display_name, revision,
        (SELECT count(*) FROM team_revisions WHERE team_revisions.team_id = teams.id) AS trail,
        (SELECT count(*) FROM messages WHERE messages.team_id = teams.id) / {AT_ONCE} AS messages,
        (SELECT count(*) FROM usage_logs WHERE usage_logs.team_id = teams.id) AS usage
    FROM teams
"""  # noqa: S608 - a number of our own
_SESSIONS = """
    SELECT session_id, display_name FROM chat_sessions JOIN teams ON teams.id = chat_sessions.team_id
"""
_HALVES = f"""
    SELECT 'team without key or trail', display_name FROM teams
    WHERE NOT EXISTS (SELECT FROM api_keys WHERE team_id = teams.id)
        OR (SELECT count(*) FROM team_revisions WHERE team_id = teams.id) <> revision
    UNION ALL SELECT 'trail without team', team_id::text FROM team_revisions
    WHERE NOT EXISTS (SELECT FROM teams WHERE id = team_id)
    UNION ALL SELECT 'part of a call', min(content) FROM messages GROUP BY team_id, content HAVING count(*) <> {AT_ONCE}
"""  # noqa: S608 - a number of our own
_TOTALS_THAT_DISAGREE = """
    SELECT team_id, count(*), sum(tokens_used) FROM usage_logs GROUP BY team_id
    EXCEPT SELECT team_id, sum(requests), sum(tokens) FROM usage_totals GROUP BY team_id
"""
