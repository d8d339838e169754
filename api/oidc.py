"""A company's OpenID provider: the code flow with PKCE, state and nonce, and what it is believed.

Authlib knows the protocol; the HTTP calls are made here. Nothing is kept between the two halves of
a sign-in but a signed cookie in the browser that began it, so that any API process may finish it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from channels.addresses import mail_address
from engine.users.company_logins import Identity
from runtime.settings import Settings

PATIENCE = 10.0
"""Seconds for each call to the provider."""
LEEWAY = 60
"""Seconds that its clock may differ."""
FLOW_SECONDS = 600
"""How long a person may take at the provider's page."""
ALGORITHMS = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
"""Signatures by the provider's private key; never one by a secret that it shares with us."""


class OidcError(Exception):
    """The sign-in failed; `code` says why to the sign-in page, the text to the log."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class Flow:
    """What a browser must bring back from the provider, and where it then goes."""

    state: str
    nonce: str
    verifier: str
    next: str


def new_flow(then: str) -> Flow:
    """A flow that nobody can guess."""
    return Flow(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), then
    )


class Provider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        assert settings.oidc_issuer is not None
        assert settings.oidc_client_id is not None
        assert settings.oidc_client_secret is not None
        self.issuer = settings.oidc_issuer
        self.client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._domains = {domain.lower() for domain in settings.oidc_allowed_domains}

    def seal(self, flow: Flow) -> str:
        """The flow as a cookie that only we can have written."""
        claims = {**asdict(flow), "exp": int(time.time()) + FLOW_SECONDS}
        return jwt.encode({"alg": "HS256"}, claims, self._cookie_key())

    def unseal(self, cookie: str | None, state: str | None) -> Flow:
        """The flow that this browser began, if `state` is its own."""
        try:
            claims = jwt.decode(cookie or "", self._cookie_key(), algorithms=["HS256"]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
            flow = Flow(**{name: str(claims[name]) for name in Flow.__dataclass_fields__})
        except (JoseError, ValueError, KeyError) as error:
            raise OidcError("expired", "no valid cookie of a sign-in that was begun") from error
        if not hmac.compare_digest(flow.state.encode(), (state or "").encode()):
            raise OidcError("expired", "the state is not that of this browser's sign-in")
        return flow

    def _cookie_key(self) -> OctKey:
        # All API processes know the client's secret, and nobody else but the provider.
        digest = hashlib.sha256(b"sojourn sign-in cookie:" + self._secret.encode())
        return OctKey.import_key(digest.digest())

    async def authorization_url(self, flow: Flow, redirect_uri: str) -> str:
        """Where the browser goes to sign in."""
        async with _client() as client:
            metadata = await self._metadata(client)
        url: str = prepare_grant_uri(
            metadata["authorization_endpoint"], self.client_id, "code",
            redirect_uri=redirect_uri, scope="openid email profile", state=flow.state,
            nonce=flow.nonce, code_challenge=create_s256_code_challenge(flow.verifier),
            code_challenge_method="S256",
        )  # fmt: skip
        return url

    async def identify(
        self, flow: Flow, code: str | None, error: str | None, redirect_uri: str
    ) -> Identity:
        """Who signed in, by the code (or the error) that the browser brought back."""
        if error is not None or code is None:
            raise OidcError("denied", f"the provider answered {error!r}")
        async with _client() as client:
            metadata = await self._metadata(client)
            token = await self._token(client, metadata, flow, code, redirect_uri)
            keys = await _json(client, client.build_request("GET", metadata["jwks_uri"]))
            claims = self._claims(token, keys, flow.nonce)
            if "email" not in claims and "userinfo_endpoint" in metadata:
                claims |= await self._userinfo(client, metadata, token, claims)
        return self._identity(claims)

    async def _metadata(self, client: httpx.AsyncClient) -> dict[str, Any]:
        url = get_well_known_url(self.issuer, external=True)
        metadata = await _json(client, client.build_request("GET", url))
        if metadata.get("issuer") != self.issuer:
            raise OidcError("provider", f"it calls itself {metadata.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(metadata.get(name), str):
                raise OidcError("provider", f"its configuration has no {name}")
        return metadata

    async def _token(
        self,
        client: httpx.AsyncClient,
        metadata: dict[str, Any],
        flow: Flow,
        code: str,
        redirect_uri: str,
    ) -> dict[str, Any]:
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code,
            code_verifier=flow.verifier,
        )  # fmt: skip
        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
        }  # fmt: skip
        url, headers, body = ClientAuth(self.client_id, self._secret, way).prepare(
            "POST", metadata["token_endpoint"], headers, body
        )
        return await _json(client, client.build_request("POST", url, headers=headers, content=body))

    def _claims(self, token: dict[str, Any], keys: dict[str, Any], nonce: str) -> dict[str, Any]:
        try:
            decoded = jwt.decode(
                str(token["id_token"]), KeySet.import_key_set(keys),  # type: ignore[arg-type]
                algorithms=ALGORITHMS,
            )  # fmt: skip
            claims = CodeIDToken(
                decoded.claims, decoded.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.client_id},
                    "sub": {"essential": True},
                    "exp": {"essential": True},
                },
                params={
                    "nonce": nonce, "client_id": self.client_id,
                    "access_token": token.get("access_token"),
                },
            )  # fmt: skip
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OidcError("provider", f"its ID token is not valid: {error!r}") from error
        return dict(claims)

    async def _userinfo(
        self,
        client: httpx.AsyncClient,
        metadata: dict[str, Any],
        token: dict[str, Any],
        claims: dict[str, Any],
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token.get('access_token')}"}
        request = client.build_request("GET", metadata["userinfo_endpoint"], headers=headers)
        told = await _json(client, request)
        if told.get("sub") != claims["sub"]:
            raise OidcError("provider", "its userinfo is about somebody else")
        return {name: told[name] for name in ("email", "email_verified", "name") if name in told}

    def _identity(self, claims: dict[str, Any]) -> Identity:
        address = mail_address(str(claims.get("email", "")))
        if address is None:
            raise OidcError("no_email", "it tells no mail address")
        # Some providers write booleans as text.
        if str(claims.get("email_verified")).lower() != "true":
            raise OidcError("unverified_email", "it does not say that the address is verified")
        address = address.lower()
        if self._domains and address.rpartition("@")[2] not in self._domains:
            raise OidcError("domain", "the address is of a domain that is not allowed")
        name = str(claims.get("name") or "").replace("\x00", "").strip() or address
        return Identity(self.issuer, str(claims["sub"]), address, name[:200])


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=PATIENCE)


async def _json(client: httpx.AsyncClient, request: httpx.Request) -> dict[str, Any]:
    try:
        answer = await client.send(request)
        answer.raise_for_status()
        data = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OidcError("provider", f"{request.url.host} did not answer well: {error}") from error
    if not isinstance(data, dict):
        raise OidcError("provider", f"{request.url.host} answered something else than an object")
    return data
