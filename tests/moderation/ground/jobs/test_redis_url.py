"""Real servers with a password, an access list, TLS and Sentinel, each reached by its URL alone."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from moderation.ground.errors import SettingsError
from moderation.ground.jobs.jobs import LANES, Queues, connect_for_web, connect_for_worker
from moderation.ground.jobs.redis_url import connect
from moderation.operations.operating.vitals import queued
from tests.chaos.proxy import proxy
from tests.conftest import free_port
from tests.waiting import eventually
from workers.machine.queue_server import find_binary
from workers.queue.batch_worker import BatchResult, BatchWorker

PASSWORD = "pa55 w/rd"
IN_URL = "pa55%20w%2Frd"
ACCESS = Path(__file__).parents[4] / "docs" / "queue.acl"


@contextmanager
def server(folder: Path, *options: str, sentinel: bool = False) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    folder.mkdir(exist_ok=True)
    config = folder / f"{port}.conf"
    config.write_text(
        "\n".join([f"port {port}", "bind 127.0.0.1", f"dir {folder}", f"logfile {folder}/{port}.log", *options])
    )
    process = subprocess.Popen(
        [find_binary(), str(config), *(["--sentinel"] if sentinel else [])], stdout=subprocess.DEVNULL
    )
    try:
        eventually(lambda: listens(port), within_s=10, says=(folder / f"{port}.log").read_text)
        yield port, process
    finally:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    try:
        Redis(port=port).ping()
    except AuthenticationError:
        return True
    except RedisError:
        return False
    return True


def a_job_goes_through(url: str) -> None:
    """Enqueued as the web service does, taken and acknowledged as a worker does, read as an operator does."""
    queues = Queues(connect_for_web(url))
    eventually(lambda: queues.score("c-1", "live", 7), within_s=30)  # its client waits half a second
    seen: list[str] = []

    def run(ids: list[str]) -> BatchResult:
        seen.extend(ids)
        return [None] * len(ids)

    redis = connect_for_worker(url)
    lanes = [Queue(lane, connection=redis, serializer=JSONSerializer) for lane in LANES]
    worker = BatchWorker(
        lanes,
        run_batch=run,
        max_batch=8,
        batch_timeout_s=60,
        connection=redis,
        serializer=JSONSerializer,
        log_job_description=False,
    )
    worker.work(burst=True, logging_level="WARNING")

    assert seen == ["c-1"]
    assert queued(queues).jobs["live"]["queued"] == 0
    assert queues.known_ids() == set()


def test_a_password(tmp_path: Path) -> None:
    with server(tmp_path, f'requirepass "{PASSWORD}"') as (port, _):
        a_job_goes_through(f"redis://:{IN_URL}@127.0.0.1:{port}/3")

        assert not Queues(connect_for_web(f"redis://127.0.0.1:{port}/3")).score("c-2", "live")


def test_a_user_who_may_do_what_gavel_needs_and_no_more(tmp_path: Path) -> None:
    rules = ACCESS.read_text().replace("replace-me", "s3cret")
    (tmp_path / "users.acl").write_text(rules)
    with server(tmp_path, f"aclfile {tmp_path / 'users.acl'}") as (port, _):
        url = f"redis://gavel:s3cret@127.0.0.1:{port}/0"

        a_job_goes_through(url)

        redis = connect(url)
        for forbidden in (redis.flushall, redis.config_get, lambda: redis.get("other:key"), lambda: redis.keys("*")):
            with pytest.raises(NoPermissionError):
                forbidden()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Self-signed for 127.0.0.1; key and certificate in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "queue.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    subprocess.run([*command, *more], check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "key.pem").read_text())
    return path


def test_tls_with_a_certificate_that_is_checked(tmp_path: Path, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with server(tmp_path) as (port, _), proxy(port, tls=tls) as wire:
        a_job_goes_through(f"rediss://127.0.0.1:{wire.port}/0?ssl_ca_certs={certificate}")

        stranger = Queues(connect_for_web(f"rediss://127.0.0.1:{wire.port}/0"))  # knows no such authority
        assert not stranger.score("c-2", "live")


def test_sentinel_names_the_master_and_a_failover_is_followed(tmp_path: Path) -> None:
    with (
        server(tmp_path / "first", f'requirepass "{PASSWORD}"', f'masterauth "{PASSWORD}"') as (first, master),
        server(
            tmp_path / "second", f"replicaof 127.0.0.1 {first}", f'requirepass "{PASSWORD}"', f'masterauth "{PASSWORD}"'
        ) as (second, _),
        server(
            tmp_path / "watch",
            f"sentinel monitor gavel 127.0.0.1 {first} 1",
            f'sentinel auth-pass gavel "{PASSWORD}"',
            "sentinel down-after-milliseconds gavel 500",
            "sentinel failover-timeout gavel 2000",
            sentinel=True,
        ) as (watch, _),
    ):
        url = f"redis+sentinel://:{IN_URL}@127.0.0.1:{watch}/gavel/0"
        a_job_goes_through(url)
        watched = Redis(port=watch, decode_responses=True)
        eventually(lambda: watched.sentinel_slaves("gavel"), within_s=20)

        master.kill()
        queues = Queues(connect_for_web(url))
        eventually(lambda: queues.score("c-9", "live", 7), within_s=30)

        assert Redis(port=second, password=PASSWORD).llen("rq:queue:live") == 1


@pytest.mark.parametrize(
    "url", ["redis+sentinel://host:26379", "redis+sentinel:///gavel", "http://host/0", "host:6379"]
)
def test_a_url_that_cannot_be_right_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL"):
        connect(url)
