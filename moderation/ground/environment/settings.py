"""Reads the settings from the environment, once, at start-up. No other module takes a setting from there.

``monitoring.instruments`` uses one environment variable to pass a folder to the Prometheus client in the same process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from moderation.ground.environment.group_roles import GroupRole, parse_group_roles
from moderation.ground.environment.network import Network, is_loopback, parse_networks
from moderation.ground.environment.setting_values import (
    http_address,
    is_placeholder,
    issuer,
    number,
    one_of,
    passwords_in,
    public_url,
    secret,
    text,
    token,
    url,
    whole,
    yes_or_no,
)
from moderation.ground.errors import SettingsError

USUAL_REDIS_PORT = 6379
USUAL_SCORING_PORT = 8100
DATABASES = ("postgresql", "postgres", "postgresql+psycopg", "sqlite", "sqlite+pysqlite")
QUEUES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")


def _setting(default: Any, parse: Callable[[str], Any], doc: str, env: str = "") -> Any:
    is_secret = parse in (token, secret)
    metadata = {"parse": parse, "doc": doc, "env": env, "is_secret": is_secret}
    return field(default=default, repr=not is_secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each setting is read from the environment variable with its name in capitals, or from the file that ``NAME_FILE``
    names."""

    gavel_home: Path = _setting(Path("var"), Path, "Folder for the embedded database, queue and caches")
    database_url: str = _setting(
        "", url(*DATABASES, wanted="postgresql://… or sqlite:///…"), "SQLAlchemy URL; empty means SQLite in GAVEL_HOME"
    )
    redis_url: str = _setting(
        "",
        url(*QUEUES, wanted="redis://…, rediss://…, unix://… or redis+sentinel://…"),
        "Redis or Valkey; empty means that of `up` in GAVEL_HOME, else port 6379",
    )
    host: str = _setting("127.0.0.1", text, "Address the web service binds to")
    port: int = _setting(8000, whole(1, 65535), "Port the web service binds to")
    web_processes: int = _setting(2, whole(1, 256), "Processes of the web service")
    web_threads: int = _setting(16, whole(2, 512), "Threads of each web process; half of them may hold a reply open")
    request_timeout_s: float = _setting(
        30.0, number(1, 600), "How long a request may take to arrive, and its answer to be taken"
    )
    public_url: str = _setting("", public_url, "The service's own address as others reach it; empty means as requested")
    trusted_proxies: tuple[Network, ...] = _setting(
        (), parse_networks, "Proxies whose X-Forwarded headers count: addresses or networks, with commas"
    )
    demo: bool = _setting(
        False, yes_or_no, "Demo mode: allows example passwords, plain-http cookies and private webhooks", "GAVEL_DEMO"
    )

    toxicity_model: str = _setting("bundled", text, "bundled, an official Detoxify name, or a checkpoint's path")
    toxicity_engine: str = _setting("onnx", one_of("onnx", "torch"), "onnx (fast) or torch (the reference)")
    model_threads: int = _setting(1, whole(1, 64), "Threads of one worker's models; one worker per core beats more")

    scoring_url: str = _setting(
        "",
        http_address,
        "Where `answer` scores texts that are not stored, or off; empty: that of `up` in GAVEL_HOME, else port 8100",
    )
    scoring_token: str = _setting(
        "", token, "The secret that the web service and `answer` share; empty means the one in GAVEL_HOME"
    )
    scoring_host: str = _setting("127.0.0.1", text, "Address that `answer` binds to")
    scoring_port: int = _setting(USUAL_SCORING_PORT, whole(1, 65535), "Port that `answer` binds to")
    scoring_processes: int = _setting(1, whole(1, 64), "Processes of `answer`; each loads the models")

    batch_size: int = _setting(64, whole(1, 512), "Most comments a worker takes from the queue at once")
    batch_timeout_s: int = _setting(60, whole(1, 3600), "A batch that takes longer is failed and retried one by one")
    sweep_interval_s: float = _setting(15.0, number(0.1, 3600), "How often the sweeper looks for lost comments")
    sweep_age_s: float = _setting(30.0, number(0, 3600), "How old a waiting comment is before the sweeper looks at it")
    backlog_limit: int = _setting(20_000, whole(1, 10_000_000), "Waiting comments above which new ones get 503")
    rate_limit_per_minute: int = _setting(
        12_000, whole(0, 10_000_000), "Requests a minute per key, counted by each web process; 0 means no limit"
    )

    event_hold_s: float = _setting(10.0, number(0, 3600), "How long events of moderators' decisions wait for an undo")
    claim_s: int = _setting(120, whole(5, 3600), "How long a moderator's claim on a comment lasts unrenewed")
    webhook_timeout_s: float = _setting(10.0, number(0.1, 120), "How long one delivery to a webhook may take in all")
    webhook_allow_private: bool = _setting(False, yes_or_no, "Let webhooks go to private and loopback addresses")
    webhook_threads: int = _setting(16, whole(1, 256), "Webhooks that one deliverer calls at once, one for each site")
    smtp_host: str = _setting("", text, "Mail server of alerts; empty means no mail")
    smtp_port: int = _setting(587, whole(1, 65535), "Port of the mail server")
    smtp_security: str = _setting("starttls", one_of("starttls", "tls", "none"), "How mail is encrypted on its way")
    smtp_user: str = _setting("", text, "Account at the mail server, if it asks for one")
    smtp_password: str = _setting("", secret, "Its password")
    smtp_from: str = _setting("", text, "Address that alerts come from")
    password_login: bool = _setting(True, yes_or_no, "Let people log in with a password")
    oidc_issuer: str = _setting("", issuer, "The OpenID provider that people log in with; empty means none")
    oidc_client_id: str = _setting("", text, "Gavel's name there")
    oidc_client_secret: str = _setting("", secret, "Its secret there; empty for a public client")
    oidc_name: str = _setting("", text, "Name of the provider on the button; empty means its host")
    oidc_scopes: str = _setting("openid profile email", text, "Scopes to ask for; some providers need groups too")
    oidc_groups_claim: str = _setting("groups", text, "The claim that lists a person's groups")
    oidc_roles: tuple[GroupRole, ...] = _setting(
        (), parse_group_roles, "Roles by group: group=role@site, with semicolons; empty means that admins give roles"
    )
    oidc_allow_private: bool = _setting(False, yes_or_no, "Let the provider be at private addresses or plain http")
    retain_hour: int = _setting(
        3, whole(0, 23), "Hour of the day, in UTC, from which the sweeper deletes what sites no longer keep"
    )
    learn_hour: int = _setting(
        4, whole(-1, 23), "Hour of the day, in UTC, from which sites learn from new decisions; -1 means never"
    )
    metrics_port: int = _setting(0, whole(0, 65535), "Port on which a worker answers /metrics; 0 means none")
    log_format: str = _setting("text", one_of("text", "json"), "Lines for people, or one JSON object a line")
    log_level: str = _setting("INFO", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "Least severity that is logged")

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.gavel_home / 'gavel.db').absolute()}"

    @property
    def resolved_redis_url(self) -> str:
        return self.redis_url or self._queue_of_this_home()

    @property
    def resolved_scoring_url(self) -> str:
        return self.scoring_url or f"http://127.0.0.1:{self._kept('scoring/port') or self.scoring_port}"

    @property
    def resolved_scoring_token(self) -> str:
        """Empty where there is none: then no text can be scored."""
        return self.scoring_token or self._kept("scoring/token") or ""

    @property
    def is_plain_http(self) -> bool:
        """Whether other machines reach the desk and no setting says that they use https."""
        return not self.demo and not is_loopback(self.host) and not self.public_url.startswith("https://")

    def _queue_of_this_home(self) -> str:
        """The queue server that ``gavel up`` started in this home: see ``workers.machine.ports``."""
        port, password = self._kept("queue/port"), self._kept("queue/password")
        if port is None or not port.isdecimal() or password is None:
            return f"redis://127.0.0.1:{USUAL_REDIS_PORT}/0"
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def _kept(self, name: str) -> str | None:
        """The content of a file in this home, without the spaces around it; None if it cannot be read."""
        try:
            return (self.gavel_home / name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None

    @property
    def private_webhooks(self) -> bool:
        """Whether a webhook may be inside a private network."""
        return self.webhook_allow_private or self.demo

    @property
    def contradictions(self) -> list[SettingsError]:
        """Settings that do not go together; each error names the one to change."""
        errors = []
        if self.oidc_issuer and not self.oidc_client_id:
            errors.append(SettingsError("OIDC_CLIENT_ID: OIDC_ISSUER needs it"))
        if self.oidc_issuer and "openid" not in self.oidc_scopes.split():
            errors.append(SettingsError("OIDC_SCOPES: openid must be one of them"))
        if not self.password_login and not self.oidc_issuer:
            errors.append(SettingsError("PASSWORD_LOGIN: without OIDC_ISSUER nobody could log in"))
        return errors

    def refuse_placeholders(self) -> None:
        """Raises SettingsError if a password is one of those in our examples. Demo mode allows them."""
        if self.demo:
            return
        for name, address in (("DATABASE_URL", self.database_url), ("REDIS_URL", self.redis_url)):
            if any(map(is_placeholder, passwords_in(address))):
                raise SettingsError(f"{name}: the password is one that everybody tries first")
        if self.scoring_token and is_placeholder(self.scoring_token):
            raise SettingsError("SCORING_TOKEN: it is one that everybody tries first")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Raises SettingsError, which names the variable, if a value is malformed or contradicts another, or if a file
        cannot be read."""
        values = {}
        for setting in fields(cls):
            name = variable_name(setting.name, setting.metadata["env"])
            raw = _raw(environ, name)
            if raw is not None:
                values[setting.name] = _parse(name, raw, setting)
        settings = cls(**values)
        for error in settings.contradictions:
            raise error
        return settings

    @classmethod
    def mistakes(cls, environ: Mapping[str, str]) -> list[SettingsError]:
        """Everything that cannot be right, where ``from_env`` stops at the first."""
        mistakes, values = [], {}
        for setting in fields(cls):
            name = variable_name(setting.name, setting.metadata["env"])
            try:
                raw = _raw(environ, name)
                if raw is not None:
                    values[setting.name] = _parse(name, raw, setting)
            except SettingsError as e:
                mistakes.append(e)
        return mistakes or cls(**values).contradictions

    @classmethod
    def documented(cls) -> list[tuple[str, str, str]]:
        """The variable, default and meaning of every setting, for the table in the docs and the test that checks it."""
        return [(variable_name(f.name, f.metadata["env"]), _shown(f.default), f.metadata["doc"]) for f in fields(cls)]


def _shown(default: Any) -> str:
    return ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)


def variable_name(field_name: str, env: str) -> str:
    return env or field_name.upper()


def _raw(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(f"{name}_FILE")
    if path is None:
        return environ.get(name)
    if name in environ:
        raise SettingsError(f"set {name} or {name}_FILE, not both")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as e:
        raise SettingsError(f"{name}_FILE: cannot read {path}: {e}") from e


def _parse(name: str, raw: str, setting: Field[Any]) -> Any:
    try:
        return setting.metadata["parse"](raw.strip())
    except ValueError as e:
        shown = "" if setting.metadata["is_secret"] else f", got {_without_credentials(raw)!r}"
        raise SettingsError(f"{name}: {e}{shown}") from e


def _without_credentials(raw: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//…@", raw)
