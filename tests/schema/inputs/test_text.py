"""Text at every place that takes text or an id: what cannot be kept is refused, and never breaks a thing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.schema.inputs.calls import calls
from tests.schema.inputs.outcomes import NOT_AVAILABLE, NOT_FOUND, TAKEN, outcome_of
from tests.schema.inputs.places import body_with_literals, body_with_variables, places
from tests.schema.teams.rows import unchanged
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NUL, BELL, BIDI, LONG = "a\x00b", "a\x07b", "a\u202eb", "n" * 100_001
EMPTY, WHITE, DECOMPOSED, SURROGATE = "", " \t\u3000 ", "Cafe\u0301", "a\ud800b"
TEXTS = {
    "NUL": NUL,
    "bell": BELL,
    "bidirectional": BIDI,
    "100,001 characters": LONG,
    "empty": EMPTY,
    "white space": WHITE,
    "decomposed": DECOMPOSED,
}

BAD_USER_INPUT = "BAD_USER_INPUT"
REFUSED_TEXT = {NUL: "MALFORMED", BELL: "MALFORMED", LONG: "TOO_LONG"}


def _all(outcome_of_each: str) -> dict[str, str]:
    return dict.fromkeys(TEXTS.values(), outcome_of_each)


# What comes of each text. A name is normalised and trimmed; an id of somebody else's users is not.
NAME = REFUSED_TEXT | {BIDI: "MALFORMED", EMPTY: "TOO_SHORT", WHITE: "TOO_SHORT", DECOMPOSED: TAKEN}
RECORDED_MODEL = NAME | {WHITE: "MALFORMED"}
CONTENT = _all(TAKEN) | REFUSED_TEXT | {EMPTY: "TOO_SHORT"}
NOTE = _all(TAKEN) | REFUSED_TEXT
NO_ID = _all(NOT_FOUND)
NO_CURSOR = _all(BAD_USER_INPUT)
LOOKED_FOR = _all(NOT_FOUND)
FILTERED_BY = _all(NOT_FOUND) | {NUL: BAD_USER_INPUT, LONG: BAD_USER_INPUT}

EXPECTED = {
    "Query.node(id)": NO_ID,
    "Query.nodes(ids.0)": NO_ID,
    "Query.team(by.id)": NO_ID,
    "Query.team(by.platformName)": LOOKED_FOR,
    "Query.team(by.displayName)": LOOKED_FOR,
    "Query.teams(after)": NO_CURSOR,
    "Query.teams(before)": NO_CURSOR,
    "Query.teams(filter.search)": FILTERED_BY | {EMPTY: TAKEN, DECOMPOSED: TAKEN},
    "Query.platformConfig(platform)": _all(TAKEN) | dict.fromkeys([NUL, BELL, BIDI, LONG, WHITE], BAD_USER_INPUT),
    "Query.session(by.id)": NO_ID,
    "Query.session(by.sessionId)": LOOKED_FOR,
    "Query.session(by.key.platform)": LOOKED_FOR,
    "Query.session(by.key.userId)": LOOKED_FOR,
    "Query.session(by.key.teamId)": NO_ID,
    "Query.sessions(after)": NO_CURSOR,
    "Query.sessions(before)": NO_CURSOR,
    "Query.sessions(filter.platform)": FILTERED_BY,
    "Query.sessions(filter.userId)": FILTERED_BY,
    "Query.sessions(filter.teamId)": NO_ID,
    "Query.admission(sessionId)": _all(BAD_USER_INPUT),
    "Query.admission(model)": _all(NOT_AVAILABLE),
    "Team.apiKeys(after)": NO_CURSOR,
    "Team.sessions(after)": NO_CURSOR,
    "Team.sessions(filter.platform)": FILTERED_BY,
    "Team.sessions(filter.userId)": FILTERED_BY,
    "Team.sessions(filter.teamId)": NO_ID,
    "Session.messages(after)": NO_CURSOR,
    "Mutation.createTeam(input.displayName)": NAME,
    "Mutation.createTeam(input.platformName)": NAME,
    "Mutation.createTeam(input.overrides.defaultModel)": NAME | {DECOMPOSED: NOT_AVAILABLE},
    "Mutation.createTeam(input.overrides.availableModels.0)": NAME,
    "Mutation.updateTeam(input.id)": NO_ID,
    "Mutation.updateTeam(input.displayName)": NAME,
    "Mutation.updateTeamOverrides(input.id)": NO_ID,
    "Mutation.updateTeamOverrides(input.overrides.defaultModel)": NAME | {DECOMPOSED: NOT_AVAILABLE},
    "Mutation.updateTeamOverrides(input.overrides.availableModels.0)": NAME,
    "Mutation.deleteTeam(input.id)": NO_ID,
    "Mutation.issueApiKey(input.teamId)": NO_ID,
    "Mutation.issueApiKey(input.name)": NAME,
    "Mutation.issueApiKey(input.description)": NOTE,
    "Mutation.rotateApiKey(input.id)": NO_ID,
    "Mutation.revokeApiKey(input.id)": NO_ID,
    "Mutation.openSession(input.platform)": NAME,
    "Mutation.openSession(input.userId)": NAME | {WHITE: "MALFORMED"},
    "Mutation.openSession(input.teamId)": NO_ID,
    "Mutation.switchSessionModel(input.sessionId)": NO_ID,
    "Mutation.switchSessionModel(input.model)": _all(NOT_AVAILABLE),
    "Mutation.appendMessages(input.sessionId)": NO_ID,
    "Mutation.appendMessages(input.messages.0.content)": CONTENT,
    "Mutation.clearSessionHistory(input.sessionId)": NO_ID,
    "Mutation.closeSession(input.sessionId)": NO_ID,
    "Mutation.recordUsage(input.sessionId)": NO_ID,
    "Mutation.recordUsage(input.model)": RECORDED_MODEL,
    "Mutation.recordUsage(input.errorMessage)": NOTE,
    "Mutation.admitRequest(input.sessionId)": NO_ID,
    "Mutation.admitRequest(input.model)": _all(NOT_AVAILABLE),
}
PLACES = {str(place): place for place in places("String", "ID")}


@pytest.fixture(scope="module")
def team(module_database: str) -> TeamRow:
    """A team with keys, sessions and messages; and another, whose name holds one of the texts in its normal form."""
    populate(module_database, platform_name="cafe", display_name="In the Caf\u00e9")
    (row,) = populate(module_database, platform_name="of-texts", display_name="of-texts")
    return row


def test_every_place_that_takes_text_is_here() -> None:
    """Whoever adds an argument or a field says in the table above what comes of text that cannot be kept."""
    assert sorted(PLACES.keys() - EXPECTED.keys()) == [], "missing from the table of this module"
    assert sorted(EXPECTED.keys() - PLACES.keys()) == [], "no longer in the schema"


@pytest.mark.parametrize("name", sorted(PLACES))
def test_text_is_taken_or_refused_at_its_place(
    module_api: RunningApi, module_database: str, team: TeamRow, name: str
) -> None:
    """In variables as in documents. Where it is refused, nothing changes, and nobody is sent it back at length."""
    place, expected = PLACES[name], EXPECTED[name]
    field = f"{place.type_name}.{place.field}"

    def outcomes(text: str) -> list[str]:
        return [
            outcome_of(module_api, body_with_variables(place, calls(team)[field], text), place),
            outcome_of(module_api, body_with_literals(place, calls(team)[field], json.dumps(text)), place),
        ]

    refused = {title: text for title, text in TEXTS.items() if expected[text] != TAKEN}
    with unchanged(module_database):
        assert {title: outcomes(text) for title, text in refused.items()} == {
            title: [expected[text]] * 2 for title, text in refused.items()
        }
        # Half a character is refused by the readers of JSON and of documents, before anybody looks at it.
        assert outcomes(SURROGATE) == ["BAD_REQUEST", "GRAPHQL_PARSE_FAILED"]
    for number, text in enumerate(text for text in TEXTS.values() if expected[text] == TAKEN):
        # Names are unique, so that each is taken once.
        variants = [f"{text}{number}", f"{text}{number}'"] if place.type_name == "Mutation" and text else [text] * 2
        assert outcome_of(module_api, body_with_variables(place, calls(team)[field], variants[0]), place) == TAKEN
        literal = json.dumps(variants[1])
        assert outcome_of(module_api, body_with_literals(place, calls(team)[field], literal), place) == TAKEN
