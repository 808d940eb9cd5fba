"""A network of two sites, from the files and in the database of the blog. The plugin is there and not active."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import urllib3

from tests.conftest import free_port
from tests.integrations.wordpress import blog as blogs
from tests.integrations.wordpress.blog import Blog, php

INSTALL_NETWORK = """
foreach ($wpdb->tables('ms_global') as $table => $prefixed) { $wpdb->$table = $prefixed; }
install_network();
$made = populate_network(1, %(host)s, 'ana@paper.example', 'The papers', '/', true);
if (is_wp_error($made) && 'no_wildcard_dns' !== $made->get_error_code()) { exit($made->get_error_message()); }
"""
OPEN = "update_option('comment_moderation', 0); update_option('comment_previously_approved', 0);"
PLUGIN = "gavel/gavel.php"


@dataclass(frozen=True, slots=True)
class Network:
    main: Blog
    other: Blog

    def tables(self) -> set[str]:
        """Those of the plugin."""
        found = self.main.look(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_name LIKE 'net%gavel%'"
        )
        return {row["name"] for row in found}


@contextmanager
def running(blog: Blog) -> Iterator[Network]:
    port = free_port()
    host = f"127.0.0.1:{port}"
    main = replace(blog, url=f"http://{host}", prefix="net_", http=_pool(), cookies={})
    given = {"admin": php(blogs.ADMIN), "password": php(blogs.PASSWORD), "host": php(host)}
    main.run_alone((blogs.INSTALL + INSTALL_NETWORK) % given, TEST_NETWORK=host, TEST_INSTALLS="yes")
    with blogs.served(main, TEST_NETWORK=host):
        main.run(OPEN)
        made = main.run(f"return wpmu_create_blog({php(f'localhost:{port}')}, '/', 'The Courier', 1);")
        assert made == 2, made
        other = replace(main, url=f"http://localhost:{port}", prefix="net_2_", http=_pool(), cookies={})
        other.run(OPEN)
        yield Network(main, other)


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=60, retries=False)
