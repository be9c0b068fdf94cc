"""The switches, all from the environment. Prefix ZHIZHI_; DATABASE_URL and PORT as usual."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """Every switch with its default. Times in seconds, sizes in megabytes."""

    model_config = SettingsConfigDict(env_prefix="ZHIZHI_", frozen=True, extra="ignore")

    var: Path = HERE.parent / "var"
    database_url: str = Field(
        default="", validation_alias=AliasChoices("DATABASE_URL", "ZHIZHI_DATABASE_URL")
    )
    catalogue: Path = HERE / "catalogue"
    host: str = "127.0.0.1"
    port: int = Field(default=8050, validation_alias=AliasChoices("PORT", "ZHIZHI_PORT"))
    demo: bool = False
    simulator: str = "http://127.0.0.1:8051"
    seed: int = 4416
    allowed_hosts: str = ""
    """scheme://host:port, comma separated: the only places the collector may call.

    scheme://host:port=10.20.0.0/16 grants an inner network to a host name.
    """
    max_streams: int = 600
    build: str = ""
    raw_days: int = 3
    minute_days: int = 35
    hour_days: int = 400
    max_mb: int = 64
    lease_s: int = 15
    database_wait_s: int = Field(default=10, ge=1, le=300)
    """A web worker waits so long for one answer of PostgreSQL, then the store counts as lost."""
    pooler: bool = False
    """PostgreSQL stands behind a transaction pooler such as PgBouncer."""
    steward: bool | None = None
    """Whether debts may be taken and closed on the sources page: by default only in the demo."""
    api_read: Literal["auto", "open", "token"] = "auto"
    """Who may read the API; auto: everybody where the city is synthetic, else tokens only."""
    api_max_mb: int = 8
    api_max_rows: int = 5000
    api_pushes_per_minute: int = 120
    api_wait_s: int = 10
    """How long a push waits for the writer's place before it answers 503."""
    api_reads_per_minute: int = 600
    """Of one token, or of one address without a token, in each worker."""
    secret_key: SecretStr = SecretStr("")
    """Signs sessions; at least 32 letters. All web hosts of one city need the same one."""
    https: bool = False
    """Displays reach the web server by https (a proxy ends it): cookies travel no other way."""
    idle_minutes: int = Field(default=30, ge=1, le=720)
    """A session that nobody touches ends after so long."""
    session_hours: int = Field(default=12, ge=1, le=24)
    """And at the latest after so long."""
    password_length: int = Field(default=10, ge=8, le=64)
    password_kinds: int = Field(default=1, ge=1, le=4)
    """Of small letters, capitals, digits and signs a password has so many."""
    password_days: int = Field(default=0, ge=0, le=3650)
    """A password that is older must be changed at the next sign-in; 0: none ages."""
    lock_after: int = Field(default=10, ge=3, le=100)
    """So many failures in a row shut an account, first for a quarter of an hour."""
    second_factor: Literal["off", "optional", "admins", "all"] = "optional"
    """Who must give a code of the day's minute besides the password; optional: who wants to."""
    walls: Literal["auto", "open", "enrolled"] = "auto"
    """Who may look at the wall and the sources; auto: everybody where the city is synthetic, else
    enrolled displays and people with an account."""
    proxy_user_header: str = ""
    """Header in which a trusted proxy names who signed in there, such as X-Remote-User; none."""
    oidc_issuer: str = ""
    """Address of the identity provider (OpenID Connect); none. Needs the library authlib."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_claim: str = "preferred_username"
    """What of the provider's word is the name of an account here."""
    session_binding: Literal["address", "browser", "none"] = "address"
    """A session holds for one machine and browser; `browser`: it may change its address."""
    trusted_hosts: str = ""
    """Names by which browsers reach the house, comma separated; an address is good."""
    trusted_proxies: str = ""
    """Addresses or networks of the proxies in front, comma separated: they say who really asks."""
    frames: str = ""
    """Sites that may show our pages in a frame, such as https://portal.city.example; none."""
    calls_per_second: float = Field(default=20.0, ge=1, le=1000)
    """Of one account at one address, in each worker; an address may ask five times as much."""
    calls_at_once: int = Field(default=300, ge=20, le=10_000)
    """So many may come in one go before that counts."""
    max_call_kb: int = Field(default=2048, ge=64, le=16_384)
    """The largest question a page may ask."""
    body_wait_s: float = Field(default=20.0, ge=1, le=120)
    """What a caller sends must be there in so many seconds."""
    chromium: str = ""
    """The browser that prints PDF; by default the first of chromium, google-chrome on PATH."""
    public_url: str = ""
    """Where people reach the house, such as https://ops.example.gov: links of printed reports.

    By default the address that was asked, or that of the web server.
    """
    log_level: str = "INFO"
    access_log: bool = False
    """One line a request: who asked for it is not in it, nor what stands behind the `?`."""
    backups: Path | None = None
    """Where backups lie; var/backups if not given."""
    pg_bin: Path | None = None
    """Where pg_dump, pg_restore and psql lie, if not on the path."""
    scratch_url: SecretStr = SecretStr("")
    """An empty PostgreSQL database to prove backups in, where none may be made for it."""
    metrics_token: SecretStr = SecretStr("")
    """Who shows it reads /metrics from another machine; without it only this machine may."""

    exercise: bool = False
    """These processes are an exercise's; set by `python -m data exercise run`."""
    exercise_url: str = ""
    """The database of exercises; an SQLite file under var/exercise/ if not given."""

    inbox: Path | None = None
    """Watched folders of table sources lie here, one a source; var/inbox if not given."""

    @property
    def folder(self) -> Path:
        """Where the watched folders lie."""
        return (self.inbox or self.var / "inbox").resolve()

    @property
    def backup_folder(self) -> Path:
        """Where backups lie."""
        return (self.backups or self.var / "backups").resolve()

    @property
    def host_names(self) -> tuple[str, ...]:
        """Names by which browsers reach the house."""
        return _named(self.trusted_hosts)

    @property
    def proxy_names(self) -> tuple[str, ...]:
        """Addresses and networks of the proxies in front."""
        return _named(self.trusted_proxies)

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """Sites that may show our pages in a frame."""
        return _named(self.frames)

    @property
    def url(self) -> str:
        """The database: DATABASE_URL, or an SQLite file under var/."""
        return self.database_url or f"sqlite:///{self.var / 'zhizhi.sqlite'}"

    @property
    def exercise_store(self) -> str:
        """The database of exercises, never the city's own."""
        return self.exercise_url or f"sqlite:///{self.var / 'exercise' / 'zhizhi.sqlite'}"

    @property
    def stewarding(self) -> bool:
        """Whether somebody at a screen may act: said by ZHIZHI_STEWARD, else only in the demo."""
        return self.demo if self.steward is None else self.steward


def _named(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@cache
def settings() -> Settings:
    """Return the switches of this process, read once."""
    return Settings()
