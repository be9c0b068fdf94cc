"""Sign in at an identity provider (OpenID Connect): code flow with PKCE, through authlib.

An optional extra: without ZHIZHI_OIDC_ISSUER nothing here is reachable and authlib is not needed.
The account must exist: the provider says who somebody is, not what they may do.
"""

from __future__ import annotations

import html
from collections.abc import Callable

from flask import Flask, Response, current_app, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.oidc_provider import OidcError, Provider
from components.person import LOGIN, OIDC, login_address
from data.commands.sign_in import outside_sign_in
from data.logs import logger
from data.settings import Settings
from data.store import Store, utc_now
from data.vocabulary.people import Account

log = logger("oidc")

BACK = f"{OIDC}/back"
FLOW_S = 600
Local = Callable[[str | None], str]
Entered = Callable[[Account, str], Response]


def register(
    server: Flask, store: Store, config: Settings, local_path: Local, entered: Entered
) -> None:
    """Attach the two addresses, where a provider was named.

    Raises:
        OidcError: the library is missing, or the provider is neither https nor of this machine.
    """
    if not config.oidc_issuer:
        return
    provider = Provider(
        config.oidc_issuer, config.oidc_client_id, config.oidc_client_secret.get_secret_value()
    )
    server.extensions["oidc"] = provider

    @server.get(OIDC)
    def go() -> Response:
        back = local_path(request.args.get("next"))
        try:
            way, kept = provider.begin(_here(config))
        except OidcError as error:
            log.warning("the identity provider cannot be asked", error=str(error))
            return _no()
        answer: Response = redirect(way, 303)  # type: ignore[assignment]
        flow = _signer().dumps({**kept, "back": back})
        # Lax, and only here: the provider leads back from another site, where Strict is not sent.
        answer.set_cookie(
            _cookie(config), flow, max_age=FLOW_S, secure=config.https, httponly=True,
            samesite="Lax", path=OIDC,
        )  # fmt: skip
        answer.headers["Cache-Control"] = "no-store"
        return answer

    _register_back(server, store, config, provider, local_path, entered)


def _register_back(
    server: Flask, store: Store, config: Settings, provider: Provider, local_path: Local,
    entered: Entered,
) -> None:  # fmt: skip
    @server.get(BACK)
    def back() -> Response:
        try:
            flow = _signer().loads(request.cookies.get(_cookie(config), ""), max_age=FLOW_S)
            said = provider.finish(_here(config), flow, request.args)
            name = str(said.get(config.oidc_claim) or "")
            with store.write(wait_s=5) as conn:
                found = outside_sign_in(
                    conn, name, now=utc_now(), origin=identity.origin(), how="oidc"
                )
        except (BadSignature, OidcError, SQLAlchemyError) as error:
            log.warning("a sign-in at the provider failed", error=str(error).split("\n")[0][:200])
            return _forget(_no(), config)
        if found is None:
            return _forget(_no(), config)
        answer = entered(found, local_path(flow.get("back")))
        return _forget(_by_our_page(answer), config)


def _here(config: Settings) -> str:
    """Return our own address of the way back; fixed where a public address is named."""
    base = config.public_url.rstrip("/") or request.host_url.rstrip("/")
    return f"{base}{BACK}"


def _by_our_page(answer: Response) -> Response:
    """Lead on from a page of ours: a redirect that began elsewhere carries no Strict cookie."""
    way = html.escape(answer.headers.pop("Location", LOGIN), quote=True)
    answer.status_code = 200
    answer.mimetype = "text/html"
    answer.set_data(
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={way}">'
        f'<a href="{way}">→</a>'
    )
    return answer


def _forget(answer: Response, config: Settings) -> Response:
    answer.delete_cookie(_cookie(config), path=OIDC, secure=config.https, samesite="Lax")
    return answer


def _no() -> Response:
    answer: Response = redirect(login_address(said="outside"), 303)  # type: ignore[assignment]
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _cookie(config: Settings) -> str:
    return "__Secure-zhizhi-oidc" if config.https else "zhizhi-oidc"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="oidc")
