"""What is asked of an identity provider, and what of its answers is believed."""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

WAIT_S = 5.0
LARGEST = 200_000
ALGORITHMS = ("RS256", "PS256", "ES256")
"""Of identity tokens; none that a client's own secret could forge, and not `none`."""
LEEWAY_S = 60


class OidcError(Exception):
    """The provider cannot be asked, or what it says is not believed."""


class Provider:
    """One identity provider. Its addresses and keys are asked for when first needed."""

    def __init__(self, issuer: str, client: str, secret: str) -> None:
        try:
            import authlib  # noqa: F401
        except ImportError as error:
            raise OidcError("ZHIZHI_OIDC_ISSUER needs the library authlib") from error
        if not _safe(issuer):
            raise OidcError("ZHIZHI_OIDC_ISSUER must begin with https://")
        self._issuer, self._client, self._secret = issuer.rstrip("/"), client, secret
        self._facts: Mapping[str, Any] = {}

    def begin(self, here: str) -> tuple[str, dict[str, str]]:
        """Return where the browser goes, and what must be kept until it is back."""
        from authlib.common.security import generate_token
        from authlib.integrations.requests_client import OAuth2Session

        verifier, nonce = generate_token(64), secrets.token_urlsafe(24)
        session = OAuth2Session(
            self._client, scope="openid profile", redirect_uri=here, code_challenge_method="S256"
        )
        address = str(self._known()["authorization_endpoint"])
        way, state = session.create_authorization_url(address, code_verifier=verifier, nonce=nonce)
        return str(way), {"state": str(state), "nonce": nonce, "verifier": verifier}

    def finish(
        self, here: str, kept: Mapping[str, Any], asked: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Return what the provider says of whoever came back.

        Raises:
            OidcError: another flow's answer, a refusal, a token that is not for us, not from
                the provider, not of this flow or not of now.
        """
        state, code = asked.get("state", ""), asked.get("code", "")
        if not code or not hmac.compare_digest(state.encode(), str(kept.get("state")).encode()):
            raise OidcError("no answer to a question of ours")
        token = self._token(here, code, str(kept.get("verifier", "")))
        claims = self._claims(token)
        if not hmac.compare_digest(str(claims.get("nonce")).encode(), str(kept["nonce"]).encode()):
            raise OidcError("a token of another flow")
        return claims

    def _token(self, here: str, code: str, verifier: str) -> str:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": here,
                "client_id": self._client, "code_verifier": verifier}  # fmt: skip
        auth = (self._client, self._secret) if self._secret else None
        found = self._ask("POST", str(self._known()["token_endpoint"]), data=data, auth=auth)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise OidcError("no identity token")
        return token

    def _claims(self, token: str) -> Mapping[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            keys = KeySet.import_key_set(self._ask("GET", str(self._known()["jwks_uri"])))  # type: ignore[arg-type]
            claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, KeyError) as error:
            raise OidcError(
                f"a token that is not the provider's: {type(error).__name__}"
            ) from error
        self._check(claims, time.time())
        return claims

    def _check(self, claims: Mapping[str, Any], now: float) -> None:
        audience = claims.get("aud")
        ours = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self._facts.get("issuer", self._issuer):
            raise OidcError("a token of another provider")
        if self._client not in ours:
            raise OidcError("a token for somebody else")
        if len(ours) > 1 and claims.get("azp") != self._client:
            raise OidcError("a token for somebody else")
        ends, begins = claims.get("exp"), claims.get("iat", now)
        if not isinstance(ends, int | float) or not isinstance(begins, int | float):
            raise OidcError("a token without its time")
        if now > ends + LEEWAY_S or now < begins - LEEWAY_S:
            raise OidcError("a token that is not of now")

    def _known(self) -> Mapping[str, Any]:
        if not self._facts:
            found = self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise OidcError("the provider names another issuer")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(_safe(str(found.get(key, ""))) for key in wanted):
                raise OidcError("the provider's addresses are not https")
            self._facts = found
        return self._facts

    def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """Ask the provider: no redirects, in time, no more than it can mean."""
        try:
            with requests.request(
                method, address, timeout=WAIT_S, allow_redirects=False, stream=True, **more
            ) as answer:
                body = answer.raw.read(LARGEST + 1, decode_content=True)
                if answer.status_code != 200 or len(body) > LARGEST:
                    raise OidcError(f"it answered {answer.status_code}")
                found = json.loads(body)
        except (requests.RequestException, OSError, ValueError) as error:
            raise OidcError(type(error).__name__) from error
        if not isinstance(found, dict):
            raise OidcError("it answered no object")
        return found


def _safe(address: str) -> bool:
    """Return whether an address is https, or on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https" and host:
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
