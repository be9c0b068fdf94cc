"""The API: departments push, others read. See docs/api.md and /api/v1/openapi.json."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from callbacks import api_push, api_read
from callbacks.api_access import Access
from callbacks.api_openapi import document
from callbacks.api_problem import PREFIX, register_errors
from data.catalogue import Catalogue
from data.settings import Settings
from data.store import Store

BASE = "/api/v1"


def register(server: Flask, store: Store, catalogue: Catalogue, settings: Settings) -> None:
    """Attach the API to `server`."""
    access = Access(store, settings)
    blueprint = Blueprint("api", __name__, url_prefix=BASE)
    api_push.attach(blueprint, api_push.Desk(store, catalogue, settings, access))
    api_read.attach(blueprint, store, catalogue, access)
    described = document(settings)

    @blueprint.get("/openapi.json", endpoint="openapi")
    def openapi() -> Response:
        answer = Response(described, content_type="application/json")
        answer.set_etag(hashlib.blake2b(described, digest_size=12).hexdigest())
        answer.make_conditional(request)
        return answer

    register_errors(server)
    server.before_request(_only_ours)
    server.register_blueprint(blueprint)


def _only_ours() -> None:
    """Dash answers GET on any address with its page; below /api/ only the API answers."""
    if not request.path.startswith(PREFIX):
        return
    if request.url_rule is not None and request.url_rule.endpoint.startswith("api."):
        return
    allowed = _methods(request.path)
    if allowed:
        raise MethodNotAllowed(valid_methods=allowed)
    raise NotFound


def _methods(path: str) -> list[str]:
    """Return what the API knows to do with an address, though not with this method."""
    rules = current_app.url_map.iter_rules()
    ours = [r for r in rules if r.endpoint.startswith("api.") and r.rule == path]
    return sorted({method for rule in ours for method in rule.methods or ()})
