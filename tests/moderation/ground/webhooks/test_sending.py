"""One POST under one deadline, to real servers on loopback that do all they can to take longer."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from moderation.ground.webhooks.sending import NotSent, Sender, TooSlow
from tests.conftest import free_port
from tests.receivers import Receiver, SlowServer, Treatment, babbling, garbled, silent, trickling
from tests.waiting import eventually

DEADLINE_S = 0.6
SENDER = Sender(DEADLINE_S, allow_private=True)
PATIENT = Sender(30, allow_private=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.mark.parametrize("treat", [silent, trickling])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_deadline_holds_for_the_whole_attempt(treat: Treatment, scheme: str) -> None:
    with closing(SlowServer(treat)) as server:
        with pytest.raises(NotSent) as refused:  # and the server goes on until it is closed
            SENDER.post(server.url.replace("http", scheme), b"{}", {})

        if (treat, scheme) != (trickling, "https"):  # that is no TLS at all, which shows at once
            assert isinstance(refused.value, TooSlow)
            assert str(refused.value) == "the site did not answer within 0.6 seconds"
        eventually(lambda: server.gone, within_s=2)  # our end of the connection is closed, so no thread waits on it
        eventually(lambda: not sending(), within_s=2, says=sending)


def test_the_deadline_holds_for_a_handshake_that_trickles(tmp_path: Path) -> None:
    """A handshake record of 16 KB, a byte at a time."""

    def shake(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")
        while not ended.wait(0.05):
            connection.sendall(b"\x00")

    with closing(SlowServer(shake)) as server:
        with pytest.raises(TooSlow):
            SENDER.post(server.url.replace("http", "https"), b"{}", {})

        eventually(lambda: server.gone, within_s=2)
        eventually(lambda: not sending(), within_s=2, says=sending)


def test_the_deadline_holds_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def slow_names(*_asked: object, **_options: object) -> list[object]:
        answered.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", slow_names)

    with pytest.raises(TooSlow):
        SENDER.post("https://news.example/", b"{}", {})

    assert sending()  # the look-up goes on
    answered.set()
    eventually(lambda: not sending(), within_s=2, says=sending)


def test_a_body_without_end_is_not_read() -> None:
    with closing(SlowServer(babbling)) as server:
        answer = PATIENT.post(server.url, b"{}", {})

        assert (answer.status, answer.problem) == (200, None)
        eventually(lambda: server.gone, within_s=2)


def test_the_request_is_whole(receiver: Receiver) -> None:
    answer = PATIENT.post(receiver.url, b'{"a": 1}', {"webhook-id": "e-1"})

    ((headers, body),) = receiver.got
    assert answer.status == 204
    assert body == b'{"a": 1}'
    assert headers["webhook-id"] == "e-1"
    assert headers["host"] == f"127.0.0.1:{receiver.server.server_port}"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "Gavel"


@pytest.mark.parametrize("status", [301, 400, 500])
def test_anything_but_success_is_a_problem_and_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    receiver.status = status

    assert PATIENT.post(receiver.url, b"{}", {}).problem == f"the site answered {status}"
    assert len(receiver.got) == 1


def test_each_failure_is_said_in_words(receiver: Receiver) -> None:
    strict = Sender(30, allow_private=False)
    closed = f"http://127.0.0.1:{free_port()}/"
    with closing(SlowServer(garbled)) as mail:
        expected = {
            (PATIENT, closed): "the connection failed: Connection refused",
            (PATIENT, mail.url): "the site did not answer as HTTP says (BadStatusLine)",
            (strict, receiver.url): "Gavel does not call 127.0.0.1: it is this machine itself",
        }

        for (sender, url), said in expected.items():
            with pytest.raises(NotSent, match=f"^{said}$".replace("(", r"\(").replace(")", r"\)")):
                sender.post(url, b"{}", {})
    assert receiver.got == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))

    def shake(connection: socket.socket, _ended: threading.Event) -> None:
        context.wrap_socket(connection, server_side=True).recv(1)

    with (
        closing(SlowServer(shake)) as server,
        pytest.raises(NotSent, match="the site's certificate is not valid: self-signed certificate"),
    ):
        PATIENT.post(server.url.replace("http", "https"), b"{}", {})


def self_signed(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


def test_a_certificate_that_is_trusted_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with closing(Receiver()) as receiver:
        receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)

        answer = PATIENT.post(receiver.url.replace("http", "https"), b"{}", {})

    assert answer.status == 204


def sending() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "webhook"]
