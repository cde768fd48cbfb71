"""A small identity provider on loopback: real HTTP, real signatures. What it says next, a test can bend."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "milepost-test", "client-secret"


class Issuer:
    def __init__(self) -> None:
        self.rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec_key = ec.generate_private_key(ec.SECP256R1())
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.asked: dict[str, dict[str, str]] = {}
        self.reset()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        self.claims: dict[str, Any] = {"sub": "s-1", "email": "nora@provider.example", "email_verified": True}
        self.leave_out: set[str] = set()
        self.key: Any = self.rsa_key
        self.header: dict[str, Any] = {"kid": "rsa-1"}
        self.algorithm = "RS256"
        self.token: str | None = None
        self.description: dict[str, Any] = {}
        self.requests: list[str] = []

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def say_yes(self, address: str) -> dict[str, str]:
        """What the browser brings back, for the address it was sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        return {"state": asked["state"], "code": code}

    def id_token(self, asked: dict[str, str]) -> str:
        if self.token is not None:
            return self.token
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        return jwt.encode(
            {k: v for k, v in claims.items() if k not in self.leave_out},
            self.key, algorithm=self.algorithm, headers=self.header,
        )  # fmt: skip

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.requests.append(path)
        if path == "/.well-known/openid-configuration":
            found = {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            }  # fmt: skip
            return 200, {**found, **self.description}
        if path == "/keys":
            keys = [
                {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa_key.public_key())), "kid": "rsa-1", "use": "sig"},
                {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.ec_key.public_key())), "kid": "ec-1", "use": "sig"},
            ]  # fmt: skip
            return 200, {"keys": keys}
        if path == "/token":
            asked = self.asked.pop(form.get("code", ""), None)
            expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            if asked is None or authorization != expected or form["redirect_uri"] != asked["redirect_uri"]:
                return 400, {"error": "invalid_grant"}
            challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
            if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked)}
        return 404, {}


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(*issuer.answer(urlsplit(self.path).path, {}, ""))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._reply(*issuer.answer(self.path, form, self.headers.get("Authorization", "")))

        def _reply(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
