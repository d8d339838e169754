"""Every setting of every process, read from the environment (`SOJOURN_…`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PositiveFloat, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SmtpSettings(BaseSettings):
    """The mail server that the email channel delivers to."""

    model_config = SettingsConfigDict(
        hide_input_in_errors=True, env_prefix="SOJOURN_SMTP_", extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = 1025
    username: str | None = None
    password: SecretStr | None = None
    tls: str = Field(default="none", pattern="^(none|starttls|tls)$")
    """`none`, `starttls` (usually port 587) or `tls` (implicit, usually port 465)."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""
    sender: str = "Sojourn <hello@sojourn.example>"
    timeout: float = 30.0
    """Seconds for connecting and for each answer."""
    connections: int = 8
    """Connections kept open per worker process."""

    @property
    def public_only(self) -> bool:
        """The installation's own mail server may be anywhere."""
        return False


class Settings(BaseSettings):
    """One class for all processes; unknown variables are ignored, wrong values refused at start."""

    model_config = SettingsConfigDict(
        hide_input_in_errors=True, env_prefix="SOJOURN_", extra="ignore"
    )

    database_url: str = "postgresql://postgres@127.0.0.1:5432/sojourn"
    database_pool: int = 10
    """Connections per process."""
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_ui: str | None = None
    """Where Temporal's web UI is, for links to executions (`dev` sets it)."""
    task_queue_prefix: str = "sojourn"
    """Task queues are `<prefix>-journeys` and `<prefix>-send-<channel>`."""
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    public_url: str | None = None
    """Where browsers reach the API, such as `https://sojourn.example.com`: for links that are sent
    to people and for cookies, which are for https only where it begins so."""
    session_idle_hours: float = Field(default=168.0, gt=0)
    """Hours without use after which a user must sign in again."""
    session_hours: float = Field(default=720.0, gt=0)
    """Hours after which a user must sign in again in any case."""
    oidc_issuer: str | None = None
    """Issuer URL of the OpenID provider through which a company's people sign in."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "Single sign-on"
    """What the button on the sign-in page is called."""
    oidc_allowed_domains: list[str] = []
    """Domains whose mail addresses may sign in through the provider; empty = any."""
    oidc_default_role: Literal["owner", "editor", "viewer"] | None = None
    """Role of those who sign in through the provider without an invitation; none = refused."""
    request_timeout: float = Field(default=15.0, gt=0)
    """Seconds a request may spend in the database before it is answered with 503."""
    segment_timeout: float = Field(default=5.0, gt=0)
    """Seconds that finding or counting the members of a segment may take in the database."""
    import_limit: int = Field(default=1024**3, gt=0)
    """Bytes that an imported file may have, unpacked."""
    dispatch_lanes: int = Field(default=4, ge=0)
    """Lanes worked on at once by this process; 0 = this process does not dispatch."""
    resume_rate: float = Field(default=50.0, gt=0)
    """Journeys released a second when a paused workflow resumes."""
    launch_rate: float = Field(default=200.0, gt=0)
    """Journeys started a second by the mass launches of a workspace together, those apart that name
    a rate of their own."""
    send_rates: dict[str, PositiveFloat] = {}
    """Messages a second by channel, of all workspaces together: `{"email": 50}`. Temporal keeps to
    it; a channel that is not named keeps the rate that its queue has."""
    max_cached_workflows: int = 1000
    """Journeys a worker keeps in memory between their wake-ups."""
    inbox_channels: list[str] = []
    """Channels whose messages go to the local inbox instead of a provider (`dev` sets it). The same
    for API and workers: the API publishes only what they deliver."""
    encryption_keys: SecretStr | None = None
    """Keys that encrypt providers' credentials, separated by commas; the first one encrypts, all of
    them decrypt. The same for API and workers."""
    private_addresses: bool = False
    """Whether webhooks and mail servers of workspaces may be in this installation's own network."""
    provider_urls: dict[str, str] = {}
    """Where providers are reached when not at their public address, by kind: for a gateway."""
    inbox_enabled: bool = False
    """Shows the local inbox at `/inbox`, without a login: for development only."""
    builder_dir: Path | None = None
    """Where the built web app lies, if not with the software; while there is none, `/` says how to
    build it."""
    log_format: str = Field(default="console", pattern="^(console|json)$")
    log_level: str = "INFO"

    @field_validator("encryption_keys")
    @classmethod
    def _are_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            from storage.encryption import Encryption  # noqa: PLC0415  (few commands need it)

            Encryption.parse(keys.get_secret_value())
        return keys

    @model_validator(mode="after")
    def _signing_in(self) -> Self:
        if self.public_url is not None:
            self.public_url = self.public_url.rstrip("/")
            parts = urlsplit(self.public_url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
                raise ValueError(
                    "SOJOURN_PUBLIC_URL must be like https://sojourn.example.com, without a path"
                )
        if self.oidc_issuer is None:
            return self
        if not self.oidc_client_id or self.oidc_client_secret is None:
            raise ValueError(
                "SOJOURN_OIDC_ISSUER needs SOJOURN_OIDC_CLIENT_ID and SOJOURN_OIDC_CLIENT_SECRET"
            )
        parts = urlsplit(self.oidc_issuer)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("SOJOURN_OIDC_ISSUER must begin with https://")
        if self.oidc_default_role is not None and not self.oidc_allowed_domains:
            raise ValueError(
                "SOJOURN_OIDC_DEFAULT_ROLE needs SOJOURN_OIDC_ALLOWED_DOMAINS: without it, "
                "everybody whom the provider knows would be let in"
            )
        return self


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
