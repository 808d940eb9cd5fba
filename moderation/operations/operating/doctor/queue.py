"""The queue: reachable, the primary, keeps its jobs over a restart and throws none away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redis.exceptions import NoPermissionError, RedisError

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError
from moderation.ground.jobs.redis_url import connect
from moderation.ground.monitoring import logs
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning

PART = "queue"
ANSWERS_WITHIN_S = 3.0
NO_ENTRY = ("NOAUTH", "WRONGPASS", "HELLO must be called", "invalid username-password", "Authentication required")
FULL = 0.9  # share of maxmemory


def check(settings: Settings) -> list[Finding]:
    where = logs.clean(settings.resolved_redis_url)
    try:
        with connect(
            settings.resolved_redis_url, socket_timeout=ANSWERS_WITHIN_S, socket_connect_timeout=ANSWERS_WITHIN_S
        ) as redis:
            redis.ping()
            said: Mapping[str, Any] = redis.info("everything")
    except (RedisError, SettingsError) as e:
        if isinstance(e, NoPermissionError):
            change = "REDIS_URL=… with a user who may do what docs/queue.acl lists"
            return [error(PART, f"{where} does not let us look: {logs.clean(str(e))}", change)]
        if any(words in str(e) for words in NO_ENTRY):
            return [error(PART, f"{where} does not accept our password", "REDIS_URL=redis://:PASSWORD@HOST:PORT/0")]
        change = "REDIS_URL=…, or start the server that it names; comments are kept and wait until then"
        return [error(PART, f"{where} does not answer: {logs.clean(str(e))}", change)]
    name = "Valkey" if "valkey_version" in said else "Redis"
    version = said.get("valkey_version") or said.get("redis_version")
    return [ok(PART, f"{where} answers: {name} {version}"), *_server(said)]


def _server(said: Mapping[str, Any]) -> Iterator[Finding]:
    if said.get("role") != "master":
        yield error(PART, "it is a replica, and takes no writes", "REDIS_URL=… of the primary")
    yield _eviction(said)
    if said.get("aof_enabled"):
        yield ok(PART, "it keeps an append-only file")
    else:
        problem = "it keeps no append-only file: after its restart, comments wait until the sweeper finds them"
        yield warning(PART, problem, "appendonly yes in its configuration")
    for name in ("aof_last_write_status", "rdb_last_bgsave_status"):
        if said.get(name, "ok") != "ok":
            yield error(PART, f"it could not save ({name} is {said[name]})", "make room on its disk, and read its log")


def _eviction(said: Mapping[str, Any]) -> Finding:
    policy, most = said.get("maxmemory_policy"), int(said.get("maxmemory", 0))
    if policy != "noeviction":
        problem = f"maxmemory-policy is {policy}: it throws jobs away when its memory is full"
        make = error if most else warning
        return make(PART, problem, "maxmemory-policy noeviction in its configuration")
    if most and int(said.get("used_memory", 0)) > FULL * most:
        return warning(
            PART, f"more than {FULL:.0%} of its maxmemory is in use", "a larger maxmemory in its configuration"
        )
    return ok(PART, "it throws no job away (maxmemory-policy noeviction)")
