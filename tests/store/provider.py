"""An identity provider on this machine: what it says can be changed by the test."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """Answers discovery, keys and tokens; `claims` are laid over what an honest one would say."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.signs = self.key
        self.claims, self.header = {}, {"alg": "RS256", "kid": "1"}
        self.codes, self.asked = {}, []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked.append(self.path)
                path = urlsplit(self.path).path
                if path == "/keys":
                    return self.say({"keys": [provider.key.as_dict(private=False)]})
                return self.say(provider.discovery())

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                self.say(provider.token(form))

            def say(self, found):
                body = json.dumps(found).encode()
                self.send_response(200 if "error" not in found else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_given):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self):
        return {
            "issuer": self.base, "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token", "jwks_uri": f"{self.base}/keys",
        }  # fmt: skip

    def visit(self, address, name):
        """Be a browser at the provider: return the code and the state it leads back with."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        code = f"code{len(self.codes)}"
        self.codes[code] = {**asked, "name": name}
        return code, asked["state"]

    def token(self, form):
        flow = self.codes.pop(form.get("code"), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            flow is None
            or flow["code_challenge"] != proof
            or flow["redirect_uri"] != form["redirect_uri"]
        ):
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.base, "aud": "zhizhi", "sub": "1", "exp": now + 60, "iat": now,
                  "nonce": flow["nonce"], "preferred_username": flow["name"], **self.claims}  # fmt: skip
        return {"access_token": "x", "token_type": "Bearer",
                "id_token": jwt.encode(self.header, claims, self.signs)}  # fmt: skip

    def close(self):
        self.server.shutdown()
        self.server.server_close()
