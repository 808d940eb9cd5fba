"""A real WordPress with the plugin, served by PHP on loopback, and the ways of its people: forms, REST, wp-admin."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3
from bs4 import BeautifulSoup, Tag

from tests.conftest import free_port
from tests.integrations.wordpress import mariadb, packages
from tests.integrations.wordpress.packages import Packages
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "integrations" / "wordpress" / "gavel"
ADMIN, PASSWORD = "ana", "a-password-of-this-test"
CONFIG = """<?php
define('DB_NAME', %(name)s); define('DB_USER', %(user)s); define('DB_PASSWORD', %(password)s);
define('DB_HOST', %(host)s); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (array('AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT',
	'LOGGED_IN_SALT', 'NONCE_SALT') as $salt) { define($salt, 'of-this-test-' . $salt); }
$network = getenv('TEST_NETWORK'); // the host of a network of sites, from the same files and in the same database
if ($network && !getenv('TEST_INSTALLS')) {
	define('MULTISITE', true); define('SUBDOMAIN_INSTALL', true); define('DOMAIN_CURRENT_SITE', $network);
	define('PATH_CURRENT_SITE', '/'); define('SITE_ID_CURRENT_SITE', 1); define('BLOG_ID_CURRENT_SITE', 1);
} else {
	$url = $network ? "http://$network" : %(url)s;
	define('WP_HOME', $url); define('WP_SITEURL', $url);
}
define('DISABLE_WP_CRON', true); // tests call wp-cron.php themselves
define('WP_HTTP_BLOCK_EXTERNAL', true); define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('WP_DEBUG', true); define('WP_DEBUG_DISPLAY', false); define('WP_DEBUG_LOG', %(log)s);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = $network ? 'net_' : 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
# Mail is written down instead of sent, guests may use REST, and nobody is told to slow down
MUST_USE = """<?php
add_filter('pre_wp_mail', function ($null, $mail) {
	file_put_contents(%(mails)s, wp_json_encode($mail) . "\\n", FILE_APPEND);
	return true;
}, 10, 2);
add_filter('rest_allow_anonymous_comments', '__return_true');
remove_all_actions('check_comment_flood');
// A test that waits until a call is given up need not wait as long as readers would
add_filter('http_request_args', function ($request) {
	$request['timeout'] = min($request['timeout'], (int) get_option('longest_call_s', 60));
	return $request;
});
// A test runs code here, with the server's compiled files
add_action('wp_loaded', function () {
	if (hash_equals(%(token)s, $_SERVER['HTTP_X_TEST'] ?? '')) {
		require_once ABSPATH . 'wp-admin/includes/admin.php';
		echo '<<<', json_encode(eval('global $wpdb; ' . file_get_contents('php://input')));
		exit;
	}
});
"""
# Looks into the database without starting WordPress, since tests that wait for something look often
LOOK = """<?php
if (hash_equals(%(token)s, $_SERVER['HTTP_X_TEST'] ?? '')) {
	$db = new mysqli('127.0.0.1', %(user)s, %(password)s, %(name)s, %(port)s);
	echo json_encode($db->query(file_get_contents('php://input'))->fetch_all(MYSQLI_ASSOC));
}
"""
INSTALL = """
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
add_filter('pre_option_permalink_structure', fn() => '/%%postname%%/'); // else it tries addresses
wp_install('The Herald', %(admin)s, 'ana@paper.example', true, '', %(password)s);
"""
ACTIVATE = """
$failed = activate_plugin('gavel/gavel.php');
if (is_wp_error($failed)) { exit($failed->get_error_message()); }
update_option('comment_moderation', 0); update_option('comment_previously_approved', 0);
update_option('moderation_notify', 1); update_option('comments_notify', 1);
wp_delete_comment(1, true);
"""


@dataclass
class Answer:
    status: int
    text: str
    location: str

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Blog:
    url: str
    folder: Path
    php: Path
    prefix: str = "wp_"  # of its tables
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(timeout=60, retries=False))
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def mails(self) -> list[dict[str, Any]]:
        path = self.folder / "mails"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def complaints(self) -> str:
        """Everything that PHP noted: warnings, notices, deprecations. WordPress' own are not ours."""
        path = self.folder / "debug.log"
        said = path.read_text(errors="replace") if path.exists() else ""
        known = r"wp_(version_check|update_\w+)\(\)|/wp-includes/ms-functions\.php on line"
        return "\n".join(line for line in said.splitlines() if not re.search(known, line))

    def run(self, code: str) -> Any:
        """Returns what a piece of PHP returns inside this WordPress, whose server runs it."""
        answer = self.http.request("POST", f"{self.url}/index.php", body=code.encode(), headers={"X-Test": self.token})
        text = answer.data.decode(errors="replace")
        assert answer.status == 200 and "<<<" in text, (code, answer.status, text[-2000:], self.complaints[-2000:])
        return json.loads(text.rpartition("<<<")[2])

    def look(self, sql: str) -> list[dict[str, Any]]:
        """Returns the rows of a query, each value as a string."""
        answer = self.http.request(
            "POST", f"{self.url}/tests-look.php", body=sql.encode(), headers={"X-Test": self.token}
        )
        assert answer.status == 200, (sql, answer.data[-2000:])
        found: list[dict[str, Any]] = answer.json()
        return found

    def run_alone(self, code: str, **environment: str) -> str:
        """Returns what a piece of PHP prints in a process of its own, without the server."""
        kept = self.folder / "compiled"
        kept.mkdir(exist_ok=True)
        compiled = ("-d", "opcache.enable_cli=1", "-d", "opcache.file_cache_only=1", "-d", f"opcache.file_cache={kept}")
        done = subprocess.run(
            [str(self.php), *compiled, "-d", "display_errors=stderr", "-r", code],
            env={**os.environ, **environment},
            cwd=self.folder / "www", capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, (code, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """A request as the person whose cookies are here."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= options.pop("headers", {})
        answer = self.http.request(method, self.url + path, headers=headers, redirect=False, **options)
        for line in answer.headers.getlist("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.data.decode(errors="replace"), answer.headers.get("location", ""))

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Meanwhile it gives each call up after a second."""
        self.run("update_option('longest_call_s', 1);")
        try:
            yield
        finally:
            self.run("delete_option('longest_call_s');")

    def connect(self, url: str, key: str) -> None:
        """Saves the settings, as the page does, if they are others."""
        settings = php(json.dumps({"url": url, "key": key, "send_address": False}))
        self.run(f"update_option('gavel_settings', json_decode({settings}, true));")

    def post_form(self, path: str, **fields: str) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, body=urlencode(fields).encode(), headers=headers)

    @property
    def is_logged_in(self) -> bool:
        return any(name.startswith("wordpress_logged_in") for name in self.cookies)

    def log_in(self) -> Blog:
        self.cookies = {"wordpress_test_cookie": "WP%20Cookie%20check"}
        answer = self.post_form("/wp-login.php", log=ADMIN, pwd=PASSWORD, testcookie="1")
        assert answer.status == 302, answer.text[:500]
        return self

    def comment(
        self,
        post: int,
        text: str,
        *,
        email: str = "Dana@Mail.example",
        parent: int = 0,
        author: str = "Dana",
        url: str = "",
    ) -> int:
        """As a reader does with the form. Returns the comment's id."""
        reader = Blog(self.url, self.folder, self.php)
        answer = reader.post_form(
            "/wp-comments-post.php",
            comment=text, author=author, email=email, url=url, comment_post_ID=str(post), comment_parent=str(parent),
        )  # fmt: skip
        assert answer.status == 302, answer.text[:2000]
        return int(self.look(f"SELECT MAX(comment_ID) AS id FROM {self.prefix}comments")[0]["id"])

    def article(self, title: str = "Ferry to run all winter", **fields: Any) -> int:
        post = {
            "post_title": title, "post_status": "publish", "post_author": 1,
            "post_content": "<!-- wp:paragraph --><p>The council voted on Monday.</p><!-- /wp:paragraph -->", **fields,
        }  # fmt: skip
        return int(self.run(f"return wp_insert_post(json_decode({php(json.dumps(post))}, true));"))

    def status(self, comment: int) -> str | None:
        """`1`, `0`, `spam` or `trash`; None where there is no such comment."""
        found = self.look(f"SELECT comment_approved AS status FROM {self.prefix}comments WHERE comment_ID = {comment}")
        return str(found[0]["status"]) if found else None

    def row(self, comment: int) -> dict[str, Any] | None:
        found = self.look(f"SELECT * FROM {self.prefix}gavel_comments WHERE comment_id = {comment}")
        return found[0] if found else None

    def readers_see(self, post: int) -> list[str]:
        """The published comments, as anybody reads them."""
        anybody = Blog(self.url, self.folder, self.php)
        answer = anybody.call("GET", f"/index.php?rest_route=/wp/v2/comments&post={post}&order=asc")
        return [BeautifulSoup(one["content"]["rendered"], "html.parser").get_text().strip() for one in answer.json]

    def cron(self) -> None:
        """Makes the plugin's job due and lets WordPress run what is due, as a visit does."""
        self.run(
            "wp_clear_scheduled_hook('gavel_cron'); delete_transient('doing_cron');"
            "return wp_schedule_event(time() - 1, 'gavel_every_minute', 'gavel_cron');"
        )
        assert self.call("GET", "/wp-cron.php").status == 200

    def recover(self) -> None:
        """Lets the pause pass that follows an outage, and cron run."""
        self.run("$o = get_option('gavel_away'); if ($o) { $o['until'] = 0; update_option('gavel_away', $o); }")
        self.cron()

    def act(self, comment: int, action: str) -> None:
        """A moderator clicks a link below a comment in wp-admin: approve, unapprove, spam, unspam, trash, untrash or
        delete."""
        now = self.status(comment)
        row = self.listed(comment, now if now in ("spam", "trash") else "all")
        assert row is not None, now
        links = [str(link["href"]) for link in row.find_all("a", href=True)]
        wanted = [link for link in links if f"action={action}comment&" in link]
        assert wanted, (action, links)
        assert self.call("GET", f"/wp-admin/{wanted[0]}").status == 302

    def listed(self, comment: int, status: str = "all") -> Tag | None:
        """The comment's row in wp-admin."""
        page = self.call("GET", f"/wp-admin/edit-comments.php?comment_status={status}").page
        found = page.find(id=f"comment-{comment}")
        return found if isinstance(found, Tag) else None

    def fill_in(self, page: str, action: str, **fields: str) -> Answer:
        """Sends a form of a page of wp-admin with these fields changed, as a browser would, and follows it."""
        forms = self.call("GET", page).page.find_all("form")
        form = next(form for form in forms if str(form["action"]).endswith(action))
        sent = {str(one["name"]): str(one.get("value", "")) for one in form.find_all("input") if one.get("name")}
        answer = self.post_form(f"/wp-admin/{action}", **{**sent, **fields})
        assert answer.status == 302, answer.text[:1000]
        return self.call("GET", answer.location.removeprefix(self.url))


def php(value: str) -> str:
    """As a literal of PHP."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


@contextmanager
def running(found: Packages, folder: Path) -> Iterator[Blog]:
    """Installs it and serves it with several processes, since Gavel calls while a page waits for Gavel."""
    www, url = folder / "www", f"http://127.0.0.1:{free_port()}"
    with mariadb.running(found, folder / "mariadb") as port:
        packages.copy_wordpress(found, www)
        (www / "wp-content" / "plugins" / "gavel").symlink_to(PLUGIN)
        (www / "wp-content" / "mu-plugins").mkdir()
        given = {
            "name": mariadb.NAME, "user": mariadb.USER, "password": mariadb.PASSWORD, "host": f"127.0.0.1:{port}",
            "port": str(port), "url": url, "log": str(folder / "debug.log"),
        }  # fmt: skip
        blog = Blog(url, folder, found.php)
        written = {name: php(value) for name, value in {**given, "token": blog.token}.items()}
        (www / "wp-config.php").write_text(CONFIG % written)
        (www / "tests-look.php").write_text(LOOK % {**written, "port": port})
        must_use = {"mails": php(str(folder / "mails")), "token": php(blog.token)}
        (www / "wp-content" / "mu-plugins" / "tests.php").write_text(MUST_USE % must_use)
        blog.run_alone(INSTALL % {"admin": php(ADMIN), "password": php(PASSWORD)})
        with served(blog):
            blog.run(ACTIVATE)
            yield blog


@contextmanager
def served(blog: Blog, **environment: str) -> Iterator[None]:
    address = blog.url.removeprefix("http://")
    with (blog.folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [str(blog.php), "-d", "opcache.enable_cli=1", "-S", address, "-t", str(blog.folder / "www")],
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4", **environment},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            eventually(
                lambda: _answers(blog), within_s=30, says=lambda: (blog.folder / "server.log").read_text()[-2000:]
            )
            yield
        finally:
            os.killpg(process.pid, 15)  # its workers too
            process.wait(60)


def _answers(blog: Blog) -> bool:
    try:
        return blog.call("GET", "/wp-login.php").status == 200
    except urllib3.exceptions.HTTPError:
        return False
