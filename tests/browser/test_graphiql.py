"""GraphiQL as an operator meets it, in a browser cut off from every host but the API's own."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

EXAMPLES = [
    "CreateTeam",
    "NarrowModels",
    "WhereValuesComeFrom",
    "PageThroughTeams",
    "TeamSessions",
    "OpenSession",
    "UsageAndQuotas",
]


def status(page: Page) -> Locator:
    return page.get_by_role("status")


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab").filter(has=page.get_by_role("button", name=name, exact=True))


def operation(page: Page) -> Locator:
    return page.locator(".graphiql-query-editor .view-lines")


def documentation(page: Page) -> Locator:
    return page.get_by_role("region", name="Documentation Explorer")


def variables(page: Page) -> Locator:
    return page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines")


def result(page: Page) -> Locator:
    return page.locator(".result-window .view-lines")


def run(page: Page) -> None:
    page.get_by_role("button", name="Execute query").click()


def stored(page: Page, storage: Literal["localStorage", "sessionStorage"]) -> str:
    return json.dumps(page.evaluate(f"() => ({{...{storage}}})"))


def test_what_graphiql_asks_for_first_is_within_the_limits(visit: Visit) -> None:
    """The limits are the defaults, and the question is GraphiQL's own."""
    with visit.page.expect_response(
        lambda response: '"IntrospectionQuery"' in (response.request.post_data or "") and response.ok
    ) as asked:
        visit.connect()
    answer = asked.value.json()
    assert "errors" not in answer
    assert answer["extensions"]["cost"]["requested"] <= answer["extensions"]["cost"]["maximum"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_needs_no_other_host(visit: Visit, scheme: Literal["light", "dark"]) -> None:
    """An operator without internet access gets the whole page, and a CDN never learns that the API exists."""
    visit.page.emulate_media(color_scheme=scheme)
    with visit.page.expect_worker():
        visit.open()

    expect(visit.page).to_have_title("Platform Config API")
    assert [name.inner_text() for name in visit.page.get_by_role("tab").all()] == EXAMPLES
    # The first example comes with its variables, which GraphiQL by itself leaves out.
    expect(variables(visit.page)).to_contain_text('"platformName": "HOSCO-VIP"')
    for font in ("Roboto", "Fira Code"):
        visit.page.wait_for_function(
            "name => [...document.fonts].some(({ family, status }) => family === name && status === 'loaded')",
            arg=font,
        )
    assert visit.foreign_requests == []
    assert visit.complaints == []


def test_policy_forbids_other_hosts(visit: Visit) -> None:
    """Whatever gets into the page, a bad description or a flaw of a library, cannot send the key anywhere."""
    response = visit.page.goto(visit.server.address)

    assert response is not None
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert "Accept" in response.headers["vary"]


def test_page_asks_for_a_key(visit: Visit) -> None:
    """Without a key the page says what to do, and does not bother the server with requests it must refuse."""
    requests: list[str] = []
    visit.page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    visit.open()

    expect(status(visit.page)).to_have_text("Enter a key to load the schema")
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(documentation(visit.page)).to_contain_text("Error fetching schema")
    assert f"POST {visit.server.address}" not in requests


def test_documentation_shows_a_type(visit: Visit) -> None:
    """The key gives the schema to the page too, not only to the operations that are run."""
    visit.connect()
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    documentation(visit.page).get_by_role("link", name="Query", exact=True).click()
    documentation(visit.page).get_by_role("link", name="Team", exact=True).first.click()

    expect(documentation(visit.page).locator(".graphiql-doc-explorer-title")).to_have_text("Team")
    expect(documentation(visit.page)).to_contain_text("platformName")


def test_examples_run(visit: Visit) -> None:
    """The examples do what they say, one after the other, on an empty database."""
    visit.connect()
    run(visit.page)
    expect(result(visit.page)).to_contain_text('"__typename": "CreateTeamSuccess"')
    expect(result(visit.page)).to_contain_text('"displayName": "HOSCO VIP"')

    tab(visit.page, "WhereValuesComeFrom").click()
    expect(operation(visit.page)).to_contain_text("query WhereValuesComeFrom")
    run(visit.page)
    expect(result(visit.page)).to_contain_text('"source": "TEAM_OVERRIDE"')

    tab(visit.page, "OpenSession").click()
    expect(operation(visit.page)).to_contain_text("mutation OpenSession")
    run(visit.page)
    expect(result(visit.page)).to_contain_text('"created": true')

    tab(visit.page, "UsageAndQuotas").click()
    expect(operation(visit.page)).to_contain_text("query UsageAndQuotas")
    run(visit.page)
    expect(result(visit.page)).to_contain_text('"remaining": 20000')


def test_explorer_adds_a_field(visit: Visit) -> None:
    """The explorer writes operations for those who do not know the language."""
    visit.connect()
    visit.page.get_by_role("button", name="New tab").click()
    visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()
    explorer = visit.page.locator(".graphiql-explorer-root")
    explorer.locator(".graphiql-explorer-viewer").get_by_text("viewer").click()
    explorer.locator(".graphiql-explorer-name").get_by_text("name").click()

    expect(operation(visit.page)).to_contain_text("viewer { name }")
    run(visit.page)
    expect(result(visit.page)).to_contain_text('"name": "browser"')


def test_key_lasts_as_long_as_the_browser_tab(visit: Visit) -> None:
    """A reload does not cost the key, and a key does not stay behind on the disk of a shared machine."""
    visit.connect()
    field = visit.page.get_by_label("API key")
    expect(field).to_have_attribute("type", "password")
    visit.page.reload()

    expect(field).to_have_value(visit.server.key)
    expect(status(visit.page)).to_have_text("Connected as browser (admin)")
    assert visit.server.key in stored(visit.page, "sessionStorage")
    assert visit.server.key not in stored(visit.page, "localStorage")
    other = visit.page.context.new_page()
    other.goto(visit.server.address)
    expect(other.get_by_label("API key")).to_have_value("")
    other.close()


def test_typed_headers_are_not_kept(visit: Visit) -> None:
    """GraphiQL's history remembers operations with their headers unless it is kept from it."""
    visit.open()
    tab(visit.page, "PageThroughTeams").click()
    expect(operation(visit.page)).to_contain_text("query PageThroughTeams")
    visit.page.get_by_role("button", name="Headers").click()
    visit.page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .monaco-editor").click()
    # GraphiQL writes its tabs down a moment after it has taken the header in.
    tabs_are_stored = "() => 'graphiql:tabState' in localStorage"
    visit.page.wait_for_function(tabs_are_stored)
    visit.page.evaluate("() => localStorage.removeItem('graphiql:tabState')")
    visit.page.keyboard.insert_text(json.dumps({"Authorization": f"Bearer {visit.server.key}"}))
    visit.page.wait_for_function(tabs_are_stored)
    run(visit.page)

    # The header editor works although the key field is empty.
    expect(result(visit.page)).to_contain_text('"totalCount"')
    visit.page.wait_for_function("() => (localStorage['graphiql:queries'] ?? '').includes('PageThroughTeams')")
    assert visit.server.key not in stored(visit.page, "localStorage")


def test_wrong_key_is_named_as_such(visit: Visit) -> None:
    """An operator who pasted the wrong key learns it at the field, and can put it right there."""
    visit.provoked.append("status of 401")
    visit.open()
    visit.enter_key("not-a-key")

    expect(status(visit.page)).to_have_text("This key was refused")
    expect(visit.page.get_by_label("API key")).to_have_attribute("aria-invalid", "true")
    visit.take_screenshot("refused")
    visit.enter_key(visit.server.key)
    expect(status(visit.page)).to_have_text("Connected as browser (admin)")


def test_reload_keeps_the_tabs(visit: Visit) -> None:
    """GraphiQL by itself comes back with an empty editor, or with one tab more."""
    visit.connect()
    tab(visit.page, "TeamSessions").click()
    expect(variables(visit.page)).to_contain_text("HOSCO-Tabriz")
    visit.page.wait_for_function("() => JSON.parse(localStorage['graphiql:tabState']).activeTabIndex === 4")
    visit.page.reload()

    expect(tab(visit.page, "TeamSessions")).to_have_attribute("aria-selected", "true")
    expect(operation(visit.page)).to_contain_text("query TeamSessions")
    expect(variables(visit.page)).to_contain_text("HOSCO-Tabriz")
    assert [name.inner_text() for name in visit.page.get_by_role("tab").all()] == EXAMPLES


def test_theme_follows_the_system(visit: Visit) -> None:
    """A system that turns dark in the evening leaves no dark text on a dark page."""
    visit.page.emulate_media(color_scheme="light")
    visit.open()
    editors = visit.page.locator(".monaco-editor[role=code]")
    expect(editors.first).to_have_class(re.compile(r"\bvs\b"))
    visit.page.emulate_media(color_scheme="dark")

    expect(editors.first).to_have_class(re.compile(r"\bvs-dark\b"))
