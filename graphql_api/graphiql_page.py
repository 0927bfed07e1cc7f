"""The page that browsers get at the address of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from strawberry.http.ides import get_graphql_ide_html

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Scope

_NOTHING_ELSE = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

_BUNDLED_POLICY = {
    **_NOTHING_ELSE,
    "script-src": "'self'",
    "worker-src": "'self'",
    # The code editor writes style elements and style attributes while it runs and can give them no nonce. A style that
    # somebody slipped in could still send nothing anywhere, since every other source is this server.
    "style-src": "'self' 'unsafe-inline'",
    # The editor's style sheets draw small icons from data: addresses.
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
}

# Strawberry's page names this host for its libraries, with a digest for each, and starts them by an inline script.
_CDN = "https://unpkg.com"

_CDN_POLICY = {
    **_NOTHING_ELSE,
    "script-src": f"{_CDN} 'unsafe-inline'",
    "style-src": f"{_CDN} 'unsafe-inline'",
    "img-src": "data:",
    "font-src": f"{_CDN} data:",
    "connect-src": "'self'",
}

_SECURITY_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class GraphiQLPage:
    """GraphiQL with everything it needs from this server, or from a CDN where the bundle was not built."""

    html: str
    policy: str
    assets: Path | None

    @classmethod
    def from_directory(cls, directory: Path) -> GraphiQLPage:
        """Take the bundle that `npm run build` leaves in the `dist` of `directory`, or Strawberry's page without it."""
        dist = directory / "dist"
        index = dist / "index.html"
        if index.is_file():
            return cls(index.read_text(encoding="utf-8"), _header(_BUNDLED_POLICY), dist / "assets")
        return cls(get_graphql_ide_html("graphiql"), _header(_CDN_POLICY), None)

    @property
    def is_bundled(self) -> bool:
        """Whether the page does without any other host."""
        return self.assets is not None

    def response(self) -> Response:
        """Answer a browser."""
        return HTMLResponse(
            self.html,
            headers={
                **_SECURITY_HEADERS,
                "Content-Security-Policy": self.policy,
                # A new release names new assets, and the old ones are gone.
                "Cache-Control": "no-cache",
                # Other clients get JSON at the same address.
                "Vary": "Accept",
            },
        )

    def routes(self) -> list[BaseRoute]:
        """Return what has to be mounted for the page to work; nothing where it comes from a CDN."""
        # Only the assets: the HTML beside them must not be had without its policy.
        return [Mount("/graphiql/assets", _Assets(directory=self.assets))] if self.assets else []


class _Assets(StaticFiles):
    """Files whose names contain a digest of their content, so that what a name stands for never changes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_SECURITY_HEADERS)
        # Holds for the editor's workers, which take no policy from the page; they load nothing more.
        response.headers["Content-Security-Policy"] = _header(_NOTHING_ELSE)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _header(policy: dict[str, str]) -> str:
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())
