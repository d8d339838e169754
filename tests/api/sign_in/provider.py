"""A small OpenID provider over HTTP, run as a process: `python -m tests.api.sign_in.provider`.

It signs in whoever `PUT /person` names, without asking, and can be told there to misbehave. It
checks what a strict provider checks: the client's secret, the redirect, and the PKCE verifier.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "sojourn", "a secret of the client's, which nobody guesses"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
person: dict = {}
codes: dict[str, dict[str, str]] = {}


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Handler(BaseHTTPRequestHandler):
    issuer = ""

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()

    def do_PUT(self):
        person.clear()
        person.update(json.loads(self.body()))
        self.answer(200, {})

    def do_GET(self):
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            self.answer(200, {
                "issuer": person.get("issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
            })  # fmt: skip
        elif url.path == "/authorize":
            self.authorize(asked)
        elif url.path == "/jwks":
            self.answer(200, {"keys": [KEY.as_dict(private=False)]})
        elif url.path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
            self.answer(200, person.get("userinfo", {}))
        else:
            self.answer(404, {})

    def authorize(self, asked):
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        if "refuses" in person:
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe()
            codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        self.answer(302, {}, Location=f"{asked['redirect_uri']}?{urlencode(back)}")

    def do_POST(self):
        form = {name: values[0] for name, values in parse_qs(self.body()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = codes.pop(form.get("code", ""), None)
        if (
            self.headers["Authorization"] != f"Basic {basic}"
            or asked is None
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge_of(form["code_verifier"]) != asked["code_challenge"]
        ):
            self.answer(400, {"error": "invalid_grant"})
            return
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **person["claims"],
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        sign = person.get("sign", "RS256")
        if sign == "none":
            token = (
                ".".join(
                    base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                    for part in ({"alg": "none"}, claims)
                )
                + "."
            )
        elif sign == "HS256":
            token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        else:
            key = STRANGER if sign == "stranger" else KEY
            token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        self.answer(200, {"id_token": token, "access_token": "access", "token_type": "Bearer"})


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.issuer = f"http://127.0.0.1:{server.server_port}"
    print(Handler.issuer, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
