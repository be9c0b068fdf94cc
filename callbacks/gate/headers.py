"""What browsers are told to refuse: foreign scripts, frames, guesses about types, old addresses."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash
from flask import Response, request

from data.settings import Settings

REPORT = "/csp"
BARE = ("/_dash-component-suites/", "/assets/fonts/", "/assets/geo/")
"""Files that no browser opens as a page or a worker: their headers would only cost bytes."""

PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), "
    "autoplay=(self), clipboard-write=(self), fullscreen=(self)"
)
HSTS = "max-age=31536000; includeSubDomains"


def policy(hashes: Sequence[str], config: Settings) -> str:
    """Return the Content-Security-Policy; hashes: of Dash's own inline scripts.

    style-src allows inline styles: Dash, its tables and plotly place things by `style`, and a
    style runs nothing. img-src data: and blob: are plotly's exports of a chart, worker-src blob:
    the workers of its maps. No script is inline but those of the hashes, none is made from text.
    """
    frames = " ".join(config.frame_origins) or "'none'"
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "media-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": frames,
        "report-uri": REPORT,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Headers:
    """Puts the headers on answers. The hashes are counted when every callback is known."""

    def __init__(self, app: Dash, config: Settings) -> None:
        self._app, self._config = app, config
        self._policy = ""

    def __call__(self, response: Response) -> Response:
        """Complete an answer."""
        headers = response.headers
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if self._config.https:
            headers["Strict-Transport-Security"] = HSTS
        if request.path.startswith(BARE):
            return response
        self._policy = self._policy or policy(self._app.csp_hashes(), self._config)
        headers.setdefault("Content-Security-Policy", self._policy)  # a file's own is stricter
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = PERMISSIONS
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not self._config.frame_origins:
            headers["X-Frame-Options"] = "DENY"
        return response
