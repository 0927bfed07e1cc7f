"""A server of its own, and a browser that can reach nothing else."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, ViewportSize

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"

# A new database is laid out within this time even on a small machine.
START_SECONDS = 120

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # What a test's own watch on requests does not see, such as a worker's, finds no host either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# The page is several megabytes of script, which a small machine needs a while to read.
expect.set_options(timeout=20_000)

WINDOW: ViewportSize = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Server:
    """A running API with nothing in its database."""

    origin: str
    key: str

    @property
    def address(self) -> str:
        return f"{self.origin}/graphql"


@dataclass
class Visit:
    """A page open in a browser window of its own, and what went on behind it."""

    page: Page
    server: Server
    foreign_requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    #: Parts of the complaints that a test provokes on purpose.
    provoked: list[str] = field(default_factory=list)

    def open(self) -> None:
        self.page.goto(self.server.address)
        # The editor arrives last.
        expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()

    def enter_key(self, key: str) -> None:
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_label("API key").press("Enter")

    def connect(self) -> None:
        self.open()
        self.enter_key(self.server.key)
        expect(self.page.get_by_role("status")).to_have_text("Connected as browser (admin)")

    def take_screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def unprovoked_complaints(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.provoked)]

    def watch(self) -> None:
        def keep_at_home(route: Route) -> None:
            if route.request.url.startswith(f"{self.server.origin}/"):
                route.continue_()
            else:
                self.foreign_requests.append(route.request.url)
                route.abort()

        def listen(message: ConsoleMessage) -> None:
            # The browser reports violations of the Content-Security-Policy here too.
            if message.type in {"error", "warning"}:
                self.complaints.append(message.text)

        self.page.context.route("**/*", keep_at_home)
        self.page.on("console", listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(origin=f"http://127.0.0.1:{port}", key=secrets.token_urlsafe(24))
    directory = tmp_path_factory.mktemp("server")
    # Settings that the developer's shell holds would make it another server; DATABASE_URL even another database.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    environment |= {
        "SUPER_ADMIN_API_KEYS": f"browser:{server.key}",
        "EMBEDDED_POSTGRES_DIRECTORY": str(directory / "postgres"),
    }
    log = directory / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the command is ours
            [sys.executable, "-m", "graphql_api", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until_ready(server, process, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 5):
        try:
            if httpx.get(f"{server.origin}/readyz", timeout=1).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    ending = "too slow" if process.returncode is None else f"exit code {process.returncode}"
    pytest.fail(f"The server did not become ready ({ending}):\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visit]:
    """Watch every test for what none may do: ask another host, or make the browser complain."""
    with browser.new_context(viewport=WINDOW, reduced_motion="reduce") as context:
        visit = Visit(context.new_page(), server)
        visit.watch()
        yield visit
        visit.take_screenshot(request.node.name)
        assert visit.foreign_requests == []
        assert visit.unprovoked_complaints() == []
