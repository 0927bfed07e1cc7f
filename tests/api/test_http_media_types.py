"""What `Accept` and `Content-Type` say is heeded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.api.graphql_http import NEWER, OLDER
from tests.api.raw_http import TESTER, WHO, post, wire
from tests.running_api import ADMIN_KEY

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi

MUTATION = 'mutation { createTeam(input: {displayName: "a", platformName: "a"}) { __typename } }'
MUTATION_BODY = json.dumps({"query": MUTATION}).encode()

ACCEPTED = {
    "": OLDER,
    "*/*": OLDER,
    "application/*": OLDER,
    OLDER: OLDER,
    NEWER: NEWER,
    NEWER.upper(): NEWER,
    f"{NEWER}, {OLDER};q=0.9": NEWER,
    f"{OLDER};q=0.9, {NEWER}": NEWER,
    f"{OLDER}, {NEWER}": NEWER,
    f"{NEWER}, {OLDER}": NEWER,
    f"{OLDER}, {NEWER};q=0.9": OLDER,
    f"{NEWER};q=0.1, */*;q=0.2": OLDER,
    f"{NEWER};q=0, */*": OLDER,
    f"{OLDER};q=0, */*": NEWER,
    f"{OLDER};q=0, application/*": NEWER,
    f"{OLDER}; charset=utf-8": OLDER,
    f"{NEWER} ; charset=utf-8 ; q=1.000": NEWER,
    "text/html, */*;q=0.1": OLDER,
    f"text/html, {NEWER};q=0.1": NEWER,
    f"nonsense, ;;, {NEWER}": NEWER,
    f"{NEWER};q=nan, {OLDER}": OLDER,
    f"{NEWER};q=2, {OLDER};q=0.1": OLDER,
}


def ask(api: RunningApi, accept: str, document: str = "{ viewer { name } }") -> httpx.Response:
    return api.post(document, Accept=accept)


@pytest.mark.parametrize(("accept", "media_type"), ACCEPTED.items(), ids=repr)
def test_an_answer_has_the_media_type_that_is_liked_best(api: RunningApi, accept: str, media_type: str) -> None:
    for response in (ask(api, accept), ask(api, accept, "{"), api.by("wrong").post("{ x }", Accept=accept)):
        assert response.headers["Content-Type"] == media_type, response.text
        assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", ["text/html", "text/*", "image/png", f"{OLDER};q=0", "*/*;q=0", "nonsense", "q=1"])
def test_what_cannot_be_served_is_not_executed(api: RunningApi, accept: str) -> None:
    response = ask(api, accept, MUTATION)
    assert response.status_code == 406
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert "application/graphql-response+json" in error["message"]
    assert api.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", True),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0, */*", False),
        ("text/*", False),
        ("*/*", False),
    ],
)
def test_the_page_is_for_those_who_like_it_best(api: RunningApi, accept: str, *, page: bool) -> None:
    response = api.client.get(f"{api.address}/graphql", headers={"Accept": accept})
    assert response.headers["Content-Type"].startswith("text/html") == page


async def test_headers_that_are_sent_twice_count_as_one(api: RunningApi) -> None:
    """Whichever a proxy before this server looked at."""
    async with wire(api.address) as connection:
        await connection.send(post(WHO, f"Accept: {OLDER};q=0.5", f"Accept: {NEWER}"))
        answer = await connection.answer()
        assert (answer.data, answer.headers["content-type"]) == (TESTER, NEWER)
        await connection.send(post(MUTATION_BODY, "Content-Type: text/plain"))
        assert (await connection.answer()).status == 415
        await connection.send(post(MUTATION_BODY, "Authorization: Bearer other"))
        assert (await connection.answer()).status == 401


def posted(api: RunningApi, content: bytes, **headers: str) -> httpx.Response:
    return api.client.post(
        f"{api.address}/graphql", content=content, headers={"Authorization": f"Bearer {ADMIN_KEY}", **headers}
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;Charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; profile=x",
    ],
)
def test_a_body_is_json_in_utf_8(api: RunningApi, content_type: str) -> None:
    assert posted(api, WHO, **{"Content-Type": content_type}).json()["data"] == TESTER


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/graphql-response+json",
        "application/json-patch+json",
        "xapplication/json",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "",
        None,
    ],
)
def test_any_other_body_is_refused_and_not_executed(api: RunningApi, content_type: str | None) -> None:
    """A foreign page may send the first, third and fourth without asking, and one without any type."""
    response = posted(api, MUTATION_BODY, **({} if content_type is None else {"Content-Type": content_type}))
    assert response.status_code == 415
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert "Content-Type: application/json" in error["message"]
    assert api.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 0}}


def test_a_mutation_in_a_form_is_not_executed(api: RunningApi) -> None:
    """As a form of a foreign page would send it, in each of the ways a form can."""
    address, headers = f"{api.address}/graphql", {"Authorization": f"Bearer {ADMIN_KEY}"}
    for form in ({"data": {"query": MUTATION}}, {"files": {"operations": (None, MUTATION_BODY), "map": (None, b"{}")}}):
        assert api.client.post(address, headers=headers, **form).status_code == 415
    assert api.client.post(address, headers=headers, params={"query": MUTATION}).status_code == 415
    assert api.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 0}}


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(api: RunningApi, coding: str) -> None:
    response = posted(api, WHO, **{"Content-Type": OLDER, "Content-Encoding": coding})
    assert response.status_code == 415
    assert "Content-Encoding" in response.json()["errors"][0]["message"]
