#!/bin/sh
# Makes .venv hold what a target needs:   scripts/setup.sh run|dev
#
# A stamp in .venv records the lock, the project's own metadata, the folder and the Python it was made from. As long as
# they are what they were, nothing is done and no network is asked.
set -eu
cd "$(dirname "$0")/.."

level=${1:?usage: scripts/setup.sh run|dev}
lock="requirements/$level.txt"
[ -f "$lock" ] || { echo "scripts/setup.sh: there is no $lock: the level is run or dev." >&2; exit 2; }
venv=.venv
python="$venv/bin/python"
log="$venv/setup.log"

# The folder is part of it because console scripts and the editable install hold absolute paths.
fingerprint() {
    { cat "$1" pyproject.toml scripts/setup.sh; pwd; "$python" -c 'import sys; print(sys.version)'; } 2>/dev/null | cksum
}
stamped() { [ -f "$venv/.stamp-$1" ] && [ "$(cat "$venv/.stamp-$1")" = "$(fingerprint "requirements/$1.txt")" ]; }

# The lock for development holds everything that is in the lock for running.
if stamped "$level" || { [ "$level" = run ] && stamped dev; }; then
    exit 0
fi

give_up() {
    echo "$1" >&2
    [ ! -f "$log" ] || { echo "The last lines of $log:" >&2; tail -n 15 "$log" >&2; }
    exit 2
}

# An environment that another tool made may lack pip: it is completed, not thrown away.
if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    found=$(scripts/find-python.sh)
    echo "Making $venv with $("$found" --version) ..."
    "$found" -m venv --clear "$venv" ||
        give_up "Could not make a virtual environment: on Debian and Ubuntu, apt-get install python3-venv."
fi
"$python" -c 'import pip' >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null || give_up "Could not put pip into $venv."

rm -f "$venv/.stamp-run" "$venv/.stamp-dev"
echo "Installing $lock into $venv (once; about a minute) ..."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0 PIP_NO_INPUT=1
"$python" -m pip install --require-hashes -r "$lock" >"$log" 2>&1 ||
    give_up "Could not install $lock: is the package index reachable from here?"
# What builds the project is in the lock, so this step asks no network and runs no code without a hash.
"$python" -m pip install --no-index --no-deps --no-build-isolation --editable . >>"$log" 2>&1 ||
    give_up "Could not install callboard itself into $venv."
fingerprint "$lock" >"$venv/.stamp-$level"
