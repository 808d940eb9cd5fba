"""Clients of Akismet, as their registries have them, against a live Gavel. Most know their vendor's host only: they
find Gavel under its name, with the key as the host's first label where they put it there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from moderation.moderators.review import label_rows as labels
from tests.installed_clients import INSTALL_S, MAY_SKIP, node_modules_with, python_with, run
from tests.service.compat.clients.live import Live
from tests.service.compat.clients.private_names import NAMES, PrivateNames

pytestmark = pytest.mark.timeout(2 * INSTALL_S)
BLOG = "https://news.example"
SPAM = "Cheap pills!! Buy now at http://pills-a.example http://pills-b.example http://pills-c.example"
HAM = "Thank you, that was a helpful article about the ferry."

AKISMET = """
import json, sys, time
import akismet
key, blog, spam, ham = sys.argv[1:]
client = akismet.SyncClient.validated_client(config=akismet.Config(key, blog))
check = lambda **given: int(client.comment_check(user_ip="192.0.2.7", **given))
try:
    akismet.SyncClient.validated_client(config=akismet.Config("wrong", blog))
    wrong = None
except akismet.APIKeyError:
    wrong = "APIKeyError"
def usage():  # each web process adds its checks when it is asked, and the one that counted may not be asked at first
    for _ in range(100):
        found = client.usage_limit()
        if found["usage"]:
            break
        time.sleep(0.1)
    return found
print(json.dumps({
    "checks": [check(comment_content=spam), check(comment_content=ham)],
    "tests": [check(comment_author="akismet-guaranteed-spam", comment_content="x"),
              check(comment_content=spam, user_role="administrator")],
    "submitted": [client.submit_spam(user_ip="192.0.2.7", comment_content="A new kind of spam."),
                  client.submit_ham(user_ip="192.0.2.7", comment_content=ham)],
    "usage": usage(),
    "wrong": wrong,
}))
"""
PYKISMET = """
import json, sys
from pykismet3 import Akismet
key, blog, spam, ham = sys.argv[1:]
client = Akismet(api_key=key, blog_url=blog, user_agent="A newsroom/1.0")
said = lambda text: {"user_ip": "192.0.2.7", "user_agent": "A browser", "referrer": blog, "comment_content": text}
checks = [client.check(said(spam)), client.check(said(ham))]
client.submit_spam(said(spam))
client.submit_ham(said(ham))
print(json.dumps(checks))
"""
PYTHON_AKISMET = """
import json, sys
from akismet import Akismet
key, blog, spam, ham = sys.argv[1:]
client = Akismet(key, blog=blog)
said = {"user_ip": "192.0.2.7", "user_agent": "A browser"}
checks = [client.check(comment_content=spam, **said), client.check(comment_content=ham, **said),
          client.check(comment_author="viagra-test-123", comment_content=ham, **said)]
client.submit_spam(comment_content=spam, **said)
client.submit_ham(comment_content=ham, **said)
print(json.dumps(checks))
"""
AKISMET_API = """
const { AkismetClient } = require("akismet-api");
const [key, blog, spam, ham] = process.argv.slice(2);
const said = (content) => ({ ip: "192.0.2.7", useragent: "A browser", referrer: blog, content });
(async () => {
  const client = new AkismetClient({ key, blog });
  const wrong = new AkismetClient({ key: "wrong", blog });
  const checks = [await client.checkSpam(said(spam)), await client.checkSpam(said(ham)),
                  await client.checkSpam({ ...said(ham), honeypot: "I fill in everything" })];
  await client.submitSpam(said(spam));
  await client.submitHam(said(ham));
  const error = await wrong.checkSpam(said(ham)).catch((e) => e.message);
  console.log(JSON.stringify([await client.verifyKey(), await wrong.verifyKey(), checks, error]));
})();
"""
AKISMET_NODE = """
const { AkismetClient } = require("akismet");
const [key, blog, spam, ham] = process.argv.slice(2);
const client = new AkismetClient({ apiKey: key, blog, port: 443 });
const said = (text) => ({ user_ip: "192.0.2.7", comment_content: text });
const call = (name, given) => new Promise((resolve, reject) =>
  client[name](...(given ? [given] : []), (error, found) => error ? reject(error) : resolve(found)));
(async () => {
  const found = [await call("verifyKey"), await call("checkComment", said(spam)),
                 await call("checkComment", said(ham))];
  await call("submitSpam", said(spam));
  await call("submitHam", said(ham));
  console.log(JSON.stringify(found));
})();
"""
CEDX = """
const [base, key, blogUrl, spam, ham] = process.argv.slice(2);
import("@cedx/akismet").then(async ({ Author, Blog, Client, Comment }) => {
  const blog = new Blog({ url: blogUrl, charset: "UTF-8", languages: ["en"] });
  const client = new Client(key, blog, { baseUrl: base });
  const author = (more) => new Author({ ipAddress: "192.0.2.7", userAgent: "A browser", ...more });
  const comment = (content, more) => new Comment({ author: author(more), content, type: "comment", context: ["news"] });
  const checks = [await client.checkComment(comment(spam)), await client.checkComment(comment(ham)),
                  await client.checkComment(comment(spam, { role: "administrator" }))];
  await client.submitSpam(comment(spam));
  await client.submitHam(comment(ham));
  const wrong = await new Client("wrong", blog, { baseUrl: base }).verifyKey();
  console.log(JSON.stringify([await client.verifyKey(), wrong, checks]));
});
"""
RUBY = """
require "akismet"
require "json"
key, blog, spam, ham = ARGV
client = Akismet::Client.new(key, blog, app_name: "a newsroom", app_version: "1.0")
said = ->(text) { ["192.0.2.7", "A browser", { text: text, type: "comment", author: "Ana" }] }
checks = [client.check(*said.(spam)), client.check(*said.(ham)),
          client.check("192.0.2.7", "A browser", text: ham, author: "viagra-test-123", test_discard: true)]
client.spam(*said.(spam))
client.ham(*said.(ham))
puts [client.verify_key, Akismet::Client.new("wrong", blog).verify_key, checks].to_json
"""
RUBY_NAMES = """
require "socket"
module PrivateNames
  NAMES = ENV.fetch("PRIVATE_NAMES").split
  def open(host, port, *more, **options)
    mine = NAMES.any? { |name| host == name || (name.start_with?("*") && host.end_with?(name[1..])) }
    mine ? super("127.0.0.1", ENV.fetch("PRIVATE_PORT").to_i, *more, **options) : super
  end
end
TCPSocket.singleton_class.prepend(PrivateNames)
"""
PERL = """
use strict; use warnings;
use Net::Akismet;
my ($key, $blog, $spam, $ham) = @ARGV;
my $client = Net::Akismet->new(KEY => $key, URL => $blog) or die "the key is not valid";
my %said = (USER_IP => "192.0.2.7", COMMENT_USER_AGENT => "A browser");
print join(",", map { $client->check(%said, COMMENT_CONTENT => $_) } ($spam, $ham));
$client->spam(%said, COMMENT_CONTENT => $spam) or die "no thanks for spam";
$client->ham(%said, COMMENT_CONTENT => $ham) or die "no thanks for ham";
print ",", defined Net::Akismet->new(KEY => "wrong", URL => $blog) ? "valid" : "invalid";
"""


def by_proxy(live: Live) -> Mapping[str, str]:
    """For clients that speak plain http to a host that they know: Gavel is the proxy that they are sent to, as a web
    server takes requests for any host."""
    names = ("http_proxy", "HTTP_PROXY")
    return {**os.environ, **dict.fromkeys(names, live.url), "no_proxy": "", "PERL_LWP_ENV_PROXY": "1"}


def by_node(tmp_path: Path, script: str, modules: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Any:
    file = tmp_path / "client.cjs"
    file.write_text(script, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(modules)
    return json.loads(run(["node", str(file), *arguments], env=env))


@pytest.fixture(scope="session")
def python_clients() -> Path:
    return python_with("akismet", "akismet>=25,<26", "pykismet3>=0.1,<1", "requests>=2")


@pytest.fixture(scope="session")
def modules() -> Path:
    if MAY_SKIP and shutil.which("npm") is None:
        pytest.skip("no node and npm here: ./run.sh test installs them")
    return node_modules_with("akismet", "akismet-api@^6", "akismet@^2", "@cedx/akismet@^16")


def test_akismet_for_python(live: Live, names: PrivateNames, python_clients: Path) -> None:
    patient = {**names.environ(), "PYTHON_AKISMET_TIMEOUT": "30"}  # the machine may be busy with other tests

    found = json.loads(run([str(python_clients), "-c", AKISMET, live.key, BLOG, SPAM, HAM], env=patient))

    assert found["checks"] == [1, 0]
    assert found["tests"] == [1, 0]
    assert found["submitted"] == [True, True]
    assert found["usage"]["limit"] == "none"
    assert found["usage"]["usage"] >= 1
    assert found["wrong"] == "APIKeyError"
    with live.database.read() as conn:
        kept = [label for _id, label in labels.of_site(conn, live.site_id, limit=1_000)]
    (label,) = [one for one in kept if one.text == "A new kind of spam."]
    assert (label.source, label.signal, label.value) == ("akismet", "spam", 1.0)


def test_pykismet3(live: Live, python_clients: Path) -> None:
    found = json.loads(run([str(python_clients), "-c", PYKISMET, live.key, BLOG, SPAM, HAM], env=by_proxy(live)))

    assert found == [True, False]


def test_python_akismet(live: Live, names: PrivateNames) -> None:
    python = python_with("python-akismet", "python-akismet>=0.4,<1", "requests>=2")

    key = live.key.replace("gvl_", "gvl-")  # Python's TLS matches no name with an underscore

    found = json.loads(run([str(python), "-c", PYTHON_AKISMET, key, BLOG, SPAM, HAM], env=names.environ()))

    assert found == [2, 0, 2]


def test_akismet_api_which_coral_uses(live: Live, names: PrivateNames, modules: Path, tmp_path: Path) -> None:
    found = by_node(tmp_path, AKISMET_API, modules, live.key, BLOG, SPAM, HAM, env=names.environ())

    assert found == [True, False, [True, False, True], "Invalid API key"]


def test_akismet_for_node(live: Live, names: PrivateNames, modules: Path, tmp_path: Path) -> None:
    found = by_node(tmp_path, AKISMET_NODE, modules, live.key, BLOG, SPAM, HAM, env=names.environ())

    assert found == [True, True, False]


def test_cedx_akismet(live: Live, modules: Path, tmp_path: Path) -> None:
    found = by_node(tmp_path, CEDX, modules, live.url, live.key, BLOG, SPAM, HAM)

    assert found == [True, False, [1, 0, 0]]


@pytest.mark.skipif(MAY_SKIP and shutil.which("ruby") is None, reason="no ruby here: ./run.sh test installs it")
def test_akismet_for_ruby(live: Live, names: PrivateNames, tmp_path: Path) -> None:
    own = tmp_path / "names.rb"
    own.write_text(RUBY_NAMES, encoding="utf-8")

    found = json.loads(run(["ruby", "-r", str(own), "-e", RUBY, live.key, BLOG, SPAM, HAM], env=names.environ()))

    assert found == [True, False, [[True, False], [False, False], [True, True]]]
    assert "rest.akismet.com" in NAMES


@pytest.mark.skipif(
    MAY_SKIP and not Path("/usr/share/perl5/Net/Akismet.pm").exists(),
    reason="no Net::Akismet here: ./run.sh test installs it",
)
def test_net_akismet_for_perl(live: Live) -> None:
    found = run(["perl", "-e", PERL, live.key, BLOG, SPAM, HAM], env=by_proxy(live))

    assert found == "true,false,invalid"
