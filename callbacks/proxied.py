"""Who signed in at the proxy in front: believed only from a declared proxy, refused from others."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.gate.door import peer, refusal
from callbacks.gate.hosts import Network, networks, within
from components.person import login_address
from data.commands.sign_in import outside_sign_in
from data.logs import logger
from data.settings import Settings
from data.store import Store, utc_now

log = logger("proxied")


def register(server: Flask, store: Store, config: Settings) -> None:
    """Ask for the header, where one was named. A start without a declared proxy is refused.

    Raises:
        ValueError: a header was named, but no proxy that may send it.
    """
    name = config.proxy_user_header.strip()
    if not name:
        return
    proxies = networks(config.proxy_names)
    if not proxies:
        raise ValueError("ZHIZHI_PROXY_USER_HEADER needs ZHIZHI_TRUSTED_PROXIES")
    server.before_request(lambda: _look(store, name, proxies))


def _look(store: Store, name: str, proxies: tuple[Network, ...]) -> Response | None:
    said = request.headers.get(name)
    if said is None:
        return None
    if not within(peer(), proxies):
        return refusal(403, detail="this header is a proxy's")
    if request.method not in ("GET", "HEAD") or request.path.startswith(("/assets/", "/_dash-c")):
        return None  # a session was begun with the page
    try:
        found = identity.account()
        if found is not None and found.name == said.strip().casefold():
            return None
        if found is not None:
            identity.end()
        with store.write(wait_s=5) as conn:
            entering = outside_sign_in(
                conn, said, now=utc_now(), origin=identity.origin(), how="proxy"
            )
    except (SQLAlchemyError, identity.StoreLost):
        return None  # the page says by itself that nobody can be known
    if entering is None:
        if request.path.startswith("/login"):
            return None
        return redirect(login_address(said="outside"), 303)  # type: ignore[return-value]
    identity.begin(entering)
    log.info("signed in by the proxy", account=entering.name)
    return redirect(request.full_path.rstrip("?"), 303)  # type: ignore[return-value]
