"""The switches, all from the environment. Prefix ZHIZHI_; DATABASE_URL and PORT as usual."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import AliasChoices, Field
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
    """scheme://host:port, comma separated: the only places the collector may call."""
    max_streams: int = 400
    build: str = ""
    raw_days: int = 3
    minute_days: int = 35
    hour_days: int = 400
    max_mb: int = 64
    lease_s: int = 15
    pooler: bool = False
    """PostgreSQL stands behind a transaction pooler such as PgBouncer."""
    log_level: str = "INFO"

    inbox: Path | None = None
    """Watched folders of table sources lie here, one a source; var/inbox if not given."""

    @property
    def folder(self) -> Path:
        """Where the watched folders lie."""
        return (self.inbox or self.var / "inbox").resolve()

    @property
    def url(self) -> str:
        """The database: DATABASE_URL, or an SQLite file under var/."""
        return self.database_url or f"sqlite:///{self.var / 'zhizhi.sqlite'}"


@cache
def settings() -> Settings:
    """Return the switches of this process, read once."""
    return Settings()
