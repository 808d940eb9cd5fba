"""A private name and a private authority, for clients that know their vendor's host only: what a newsroom does with a
DNS zone of its own and a certificate of its own. Here each client's process resolves the vendor's names to loopback.

The certificates come from ``trustme``, in the clients' own environment.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.installed_clients import run

NAMES = (
    "commentanalyzer.googleapis.com",
    "www.googleapis.com",
    "api.openai.com",
    "rest.akismet.com",
    "*.rest.akismet.com",
)
_MAKE = """
import sys, trustme
folder, *names = sys.argv[1:]
authority = trustme.CA()
authority.cert_pem.write_to_path(folder + "/authority.pem")
authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(folder + "/server.pem")
"""
_PYTHON = """
import os, socket
names, port = os.environ["PRIVATE_NAMES"].split(), int(os.environ["PRIVATE_PORT"])

def is_private(host):
    return isinstance(host, str) and any(host == name or name[:1] == "*" and host.endswith(name[1:]) for name in names)

def getaddrinfo(host, wanted, *more, _real=socket.getaddrinfo, **options):
    return _real(*("127.0.0.1", port) if is_private(host) else (host, wanted), *more, **options)

def connect(self, address, _real=socket.socket.connect):
    return _real(self, ("127.0.0.1", port) if isinstance(address, tuple) and is_private(address[0]) else address)

socket.getaddrinfo, socket.socket.connect = getaddrinfo, connect
"""
_NODE = """
const net = require("net");
const names = process.env.PRIVATE_NAMES.split(" "), port = Number(process.env.PRIVATE_PORT);
const isPrivate = (host) => names.some((name) => host === name || (name[0] === "*" && host?.endsWith(name.slice(1))));
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const place = Array.isArray(given[0]) ? given[0] : given;
  if (isPrivate(place[0]?.host)) place[0] = { ...place[0], host: "127.0.0.1", port };
  return connect.apply(this, given);
};
"""


@dataclass(frozen=True, slots=True)
class PrivateNames:
    """The environment of a client's process in which the vendor's names lead to Gavel."""

    folder: Path
    port: int

    def environ(self) -> Mapping[str, str]:
        authority = str(self.folder / "authority.pem")
        return {
            **os.environ,
            "PRIVATE_NAMES": " ".join(NAMES),
            "PRIVATE_PORT": str(self.port),
            "PYTHONPATH": str(self.folder / "python"),
            "NODE_OPTIONS": f"--require {self.folder / 'names.js'}",
            "NODE_EXTRA_CA_CERTS": authority,
            **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTPLIB2_CA_CERTS"), authority),
        }


@contextmanager
def served(url: str, python: Path, folder: Path) -> Iterator[PrivateNames]:
    """Serves the Gavel at ``url`` under the vendors' names. ``python`` has trustme."""
    (folder / "python").mkdir()
    (folder / "python" / "sitecustomize.py").write_text(_PYTHON, encoding="utf-8")
    (folder / "names.js").write_text(_NODE, encoding="utf-8")
    run([str(python), "-c", _MAKE, str(folder), *NAMES])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _proxy_to(url))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield PrivateNames(folder, server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def _proxy_to(url: str) -> type[BaseHTTPRequestHandler]:
    """As nginx in front of Gavel: it ends TLS and says so."""
    target = urlsplit(url).netloc

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": self.headers["Host"]}
            connection = HTTPConnection(target, timeout=60)
            connection.request(self.command, self.path, body, headers | forwarded)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = do_OPTIONS = _pass  # noqa: N815

        def log_message(self, *_args: object) -> None:
            """Keeps quiet."""

    return Proxy


_OF_ONE_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
