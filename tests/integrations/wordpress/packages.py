"""Debian's packages of WordPress, MariaDB and PHP, which run.sh unpacks beside the other tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(sys.prefix) / "tools" / "usr"
PLACES = (TOOLS, Path("/usr"))


@dataclass(frozen=True, slots=True)
class Packages:
    php: Path
    mariadbd: Path
    messages: Path  # of MariaDB, with the SQL of its own tables
    wordpress: Path
    theme: str


def find() -> Packages | str:
    """The packages, or the reason why there are none."""
    php, mariadbd = shutil.which("php"), _first("sbin/mariadbd")
    wordpress = _first("share/wordpress/wp-load.php")
    if php is None or mariadbd is None or wordpress is None:
        return "no WordPress, MariaDB or PHP here: ./run.sh test fetches them from Debian, as root"
    looked = subprocess.run(
        [php, "-r", 'exit(extension_loaded("mysqli") ? 0 : 1);'], capture_output=True, check=False, timeout=60
    )
    if looked.returncode:
        return "PHP has no mysqli here: apt-get install php-mysql"
    messages = mariadbd.parents[1] / "share" / "mariadb"
    return Packages(Path(php), mariadbd, messages, wordpress.parent, "twentytwentyfive")


def copy_wordpress(packages: Packages, into: Path) -> None:
    """Hard links where the disk allows them. Links of the package lead into other packages, so these are copied."""
    shutil.copytree(packages.wordpress, into, copy_function=_link, ignore_dangling_symlinks=True)
    (into / "wp-config.php").unlink()  # Debian's, which looks into /etc
    (into / "wp-content").rename(into / "wp-content-of-the-package")
    shutil.copytree(into / "wp-content-of-the-package" / "themes", into / "wp-content" / "themes", copy_function=_link)
    (into / "wp-content" / "plugins").mkdir()


def _link(source: str, target: str) -> None:
    if not Path(source).is_symlink():
        try:
            os.link(source, target)
            return
        except OSError:
            pass
    shutil.copy2(source, target)


def _first(path: str) -> Path | None:
    return next((place / path for place in PLACES if (place / path).exists()), None)
