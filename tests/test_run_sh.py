"""run.sh explains itself on a machine that lacks something, and its first stage can be stopped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.waiting import eventually

ROOT = Path(__file__).parent.parent
TOOLS = ("bash", "cat", "cksum", "dirname", "env", "sleep")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script and the requirements without an environment."""
    for name in ("run.sh", *(path.name for path in ROOT.glob("requirements*"))):
        shutil.copy(ROOT / name, tmp_path / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    return tmp_path


def put_python(checkout: Path, script: str) -> None:
    """A substitute for an interpreter: ``$2`` is the code of its ``-c``."""
    path = checkout / "bin" / "python3"
    path.write_text(f"#!/usr/bin/env bash\n{script}\n")
    path.chmod(0o755)


def put_tool(checkout: Path, name: str, script: str = "exit 0") -> None:
    path = checkout / "bin" / name
    path.unlink(missing_ok=True)  # it may lead to the real one
    path.write_text(f"#!/usr/bin/env bash\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def tested(checkout: Path) -> Path:
    """A checkout that lacks promtool, pgbouncer and nginx, and nothing else; ``calls`` holds what was run in it."""
    for tool in ("mktemp", "mkdir", "rm", "tr", "grep", "paste", "chmod"):
        (checkout / "bin" / tool).symlink_to(str(shutil.which(tool)))
    for venv in (".venv", ".venv-lowest"):
        python = checkout / venv / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/usr/bin/env bash\necho "{venv} $*" >> "{checkout}/calls"\n')
        python.chmod(0o755)
    for tool in ("chromium", "node", "npm", "ruby", "perl", "php", "mariadbd"):
        put_tool(checkout, tool)
    wordpress = checkout / ".venv" / "tools" / "usr" / "share" / "wordpress" / "wp-load.php"
    wordpress.parent.mkdir(parents=True)
    wordpress.touch()
    put_tool(checkout, "id", "echo 0")
    put_tool(
        checkout,
        "apt-get",
        f'echo "apt-get $*" >> "{checkout}/calls"\n[[ "$*" != *" download "* ]] || echo > "${{@: -1}}.deb"',
    )
    put_tool(
        checkout,
        "dpkg-deb",
        'if [ "$1" = -f ]; then echo "adduser, libc6 (>= 2.34), libevent-2.1"; exit; fi\n'
        '[ "$1" = -x ] || exit 0\n'
        'name=${2##*/}; tool=$3/usr/bin/${name%.deb}; mkdir -p "$3/usr/bin"\n'
        'echo "#!/usr/bin/env bash" >"$tool"; chmod +x "$tool"',
    )
    return checkout


def run(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "run.sh"), *arguments],
        env={"PATH": str(checkout / "bin"), "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_python_is_one_clear_sentence(checkout: Path) -> None:
    done = run(checkout, "demo")

    assert done.returncode == 1
    assert done.stderr == (
        "run.sh: Gavel needs Python 3.11 or newer and found none: "
        "install it, or name it with PYTHON=/path/to/python3.11\n"
    )


def test_an_old_python_counts_as_none(checkout: Path) -> None:
    put_python(checkout, "exit 1")

    assert "needs Python 3.11 or newer" in run(checkout, "demo").stderr


def test_a_python_without_venv_is_one_clear_sentence(checkout: Path) -> None:
    put_python(checkout, "[[ $2 != *ensurepip* ]]")

    done = run(checkout, "demo")

    assert done.returncode == 1
    assert "Python's venv module is missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_failed_install_is_tried_again_next_time(checkout: Path) -> None:
    put_python(checkout, "exit 0")
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/usr/bin/env bash\n[[ "$*" == *install* ]] && { echo "no network" >&2; exit 1; }\nexit 0\n')
    python.chmod(0o755)

    for _ in range(2):
        done = run(checkout, "demo")
        assert done.returncode == 1
        assert "no network" in done.stderr
        assert "pip could not install requirements-up.lock" in done.stderr


def test_an_install_happens_once(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/usr/bin/env bash\necho "$*" >> "{checkout}/calls"\n')
    python.chmod(0o755)

    for _ in range(2):
        assert run(checkout, "demo", "--exit").returncode == 0

    calls = (checkout / "calls").read_text()
    assert calls.count("pip install") == 1
    assert calls.count("-m examples.demo --exit") == 2


def test_the_full_set_serves_the_demo_too(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/usr/bin/env bash\necho "$*" >> "{checkout}/calls"\n')
    python.chmod(0o755)

    run(checkout, "bench")
    installs = (checkout / "calls").read_text().count("pip install")
    run(checkout, "demo")

    assert installs > 0
    assert (checkout / "calls").read_text().count("pip install") == installs


def test_what_up_and_the_demo_need_is_installed_by_hash(checkout: Path) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/usr/bin/env bash\necho "$*" >> "{checkout}/calls"\n')
    python.chmod(0o755)

    run(checkout, "up")
    run(checkout, "worker")

    calls = (checkout / "calls").read_text()
    assert "-m pip install --quiet --require-hashes -r requirements-up.lock\n" in calls
    assert "-m gavel up\n" in calls
    assert "-m gavel worker --keep-up\n" in calls


def test_a_chosen_test_is_run_without_the_lowest_versions(tested: Path) -> None:
    run(tested, "test", "tests/test_project.py")

    calls = (tested / "calls").read_text()
    assert "-m pytest -n 3 --dist loadfile tests/test_project.py\n" in calls
    assert ".venv-lowest" not in calls


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_install_and_what_it_started(checkout: Path, number: int) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        f'#!/usr/bin/env bash\nif [[ "$*" == *install* ]]; then\n'
        f'  sleep 600 &\n  echo $! > "{checkout}/child"; echo $$ > "{checkout}/pip"\n  wait\nfi\n'
    )
    python.chmod(0o755)
    environ = {"PATH": str(checkout / "bin"), "HOME": str(checkout)}
    running = subprocess.Popen([str(checkout / "run.sh"), "demo"], env=environ, start_new_session=True)
    eventually(lambda: (checkout / "pip").exists() and (checkout / "pip").read_text().strip(), within_s=20)

    running.send_signal(number)

    assert running.wait(60) == 130
    pids = [int((checkout / name).read_text()) for name in ("child", "pip")]
    eventually(lambda: not any(map(is_running, pids)), within_s=10)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(Path("/usr/sbin/pgbouncer").exists(), reason="pgbouncer is installed, so it would be found")
def test_pgbouncer_is_fetched_for_its_test(tested: Path) -> None:
    run(tested, "test")

    assert (tested / ".venv" / "tools" / "usr" / "bin" / "pgbouncer").exists()


def test_a_program_that_a_test_wants_is_unpacked_and_never_installed(tested: Path) -> None:
    done = run(tested, "test")

    calls = (tested / "calls").read_text()
    assert done.returncode == 0, done.stderr
    assert (tested / ".venv" / "tools" / "usr" / "bin" / "promtool").exists()
    assert "satisfy --yes --no-install-recommends  libc6 (>= 2.34), libevent-2.1\n" in calls
    assert not any("apt-get" in line and "install " in line for line in calls.splitlines())
    assert ".venv -m pytest" in calls
    assert ".venv-lowest -m pytest" in calls


def test_installing_waits_while_another_apt_works(tested: Path) -> None:
    put_tool(tested, "sleep")
    put_tool(
        tested,
        "apt-get",
        f'echo "apt-get $*" >> "{tested}/calls"\n'
        f'if [[ "$*" == *update && ! -e "{tested}/free" ]]; then\n'
        f'  echo > "{tested}/free"; echo "E: Could not get lock /var/lib/apt/lists/lock." >&2; exit 100\nfi\n'
        '[[ "$*" != *" download "* ]] || echo > "${@: -1}.deb"',
    )

    done = run(tested, "test")

    calls = [line for line in (tested / "calls").read_text().splitlines() if line.startswith("apt-get")]
    assert done.returncode == 0, done.stderr
    assert "Waiting for another apt-get\n" in done.stdout
    assert sum(line.endswith("update") for line in calls) == 2
    assert all("-o DPkg::Lock::Timeout=300" in line for line in calls)
    assert (tested / ".venv" / "tools" / "usr" / "bin" / "promtool").exists()


def test_wordpress_is_unpacked_with_its_theme_and_php_is_installed(tested: Path) -> None:
    shutil.rmtree(tested / ".venv" / "tools")
    put_tool(tested, "php", "exit 1")

    done = run(tested, "test")

    calls = (tested / "calls").read_text()
    assert done.returncode == 0
    assert "install --yes --no-install-recommends php-cli php-mysql php-curl\n" in calls
    for package in ("wordpress", "wordpress-theme-twentytwentyfive", "libjs-underscore", "libjs-lodash"):
        assert f"download {package}\n" in calls
    assert "download mariadb-server-core" not in calls  # it runs already
    assert "run.sh: no WordPress here: its tests will be skipped\n" in done.stderr  # these packages hold nothing


def test_mariadb_is_unpacked_where_it_does_not_run(tested: Path) -> None:
    put_tool(tested, "mariadbd", "exit 127")  # a machine may have one that does, which run.sh would find

    run(tested, "test")

    assert "download mariadb-server-core\n" in (tested / "calls").read_text()


def broken_promtool(checkout: Path) -> Path:
    """Unpacked by an earlier run that could not install its libraries."""
    path = checkout / ".venv" / "tools" / "usr" / "bin" / "promtool"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/usr/bin/env bash\nexit 127\n")
    path.chmod(0o755)
    return path


def test_a_program_that_was_half_installed_is_repaired(tested: Path) -> None:
    path = broken_promtool(tested)

    run(tested, "test")

    assert subprocess.run([path], check=False).returncode == 0


def test_a_program_that_cannot_be_repaired_is_taken_away(tested: Path) -> None:
    path = broken_promtool(tested)
    put_tool(tested, "apt-get", "exit 100")

    done = run(tested, "test")

    assert not path.exists()
    assert "run.sh: no promtool here: its tests will be skipped\n" in done.stderr


def test_the_quick_checks_run_fewer_tests_without_types_and_installing(tested: Path) -> None:
    done = run(tested, "test", "--quick", "-x")

    calls = (tested / "calls").read_text()
    assert done.returncode == 0, done.stderr
    assert "-m ruff check ." in calls
    assert "-m pytest -q -n 3 --dist loadfile tests/moderation " in calls
    assert calls.count(" -m pytest ") == 1
    assert "-k not postgres -x\n" in calls
    assert not any(word in calls for word in ("mypy", "apt-get", ".venv-lowest"))


def test_the_tests_that_load_models_or_torch_run_in_processes_of_their_own(tested: Path) -> None:
    run(tested, "test")

    lines = [line for line in (tested / "calls").read_text().splitlines() if " -m pytest " in line]
    compiled, most, with_models, with_torch, _lowest = lines
    assert compiled == ".venv -m pytest --collect-only -qq"
    assert "--ignore=tests/workers " in most and "--ignore=tests/training " in most
    assert " tests/workers tests/development tests/bench --ignore=tests/training " in with_models
    assert (
        with_torch.startswith(".venv -m pytest -n 2 ")
        and " tests/training tests/workers/scoring/engines " in with_torch
    )


@pytest.mark.parametrize("options", [(), ("--quick",), ("tests/test_project.py",)], ids=" ".join)
def test_the_tests_keep_what_they_compile_even_where_the_machine_keeps_nothing(
    tested: Path, options: tuple[str, ...]
) -> None:
    python = tested / ".venv" / "bin" / "python"
    python.write_text(python.read_text() + f'echo "$* ${{PYTHONDONTWRITEBYTECODE-keeps}}" >> "{tested}/kept"\n')

    run(tested, "test", *options, PYTHONDONTWRITEBYTECODE="1")

    runs = [line for line in (tested / "kept").read_text().splitlines() if "-m pytest " in line]
    assert runs and all(line.endswith(" keeps") for line in runs)


def test_the_folders_of_tests_that_are_named_are_there() -> None:
    lists = re.findall(r"^\w+_TESTS=\((.+?)\)$", (ROOT / "run.sh").read_text(), re.MULTILINE | re.DOTALL)
    named = [path for each in lists for path in re.findall(r"tests/[\w/.]+", each)]

    assert len(lists) == 4
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(("tool", "script"), [("id", "echo 1000"), ("apt-get", "exit 100"), ("dpkg-deb", "exit 2")])
def test_where_it_cannot_be_had_the_other_tests_run_all_the_same(tested: Path, tool: str, script: str) -> None:
    put_tool(tested, tool, script)

    done = run(tested, "test")

    assert done.returncode == 0
    assert "run.sh: no promtool here: its tests will be skipped\n" in done.stderr
    assert ".venv -m pytest" in (tested / "calls").read_text()


def test_an_unknown_command_is_answered_with_the_list(checkout: Path) -> None:
    done = run(checkout, "dance")

    assert done.returncode == 1
    assert "there is no command 'dance'" in done.stderr
    assert "usage: ./run.sh COMMAND" in done.stderr


def test_training_asks_where_the_data_lies(checkout: Path) -> None:
    assert "./run.sh train DATA_DIR" in run(checkout, "train").stderr


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    assert "exec ./run.sh test" in (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "./run.sh test" in (ROOT / "README.md").read_text()
