#!/bin/sh
# Writes requirements/run.txt and requirements/dev.txt: every package pinned, with the hashes of all its files and no
# index address, for Python 3.11 and newer on every platform.
#
#   scripts/lock.sh               keep the versions that still fit
#   UPGRADE=1 scripts/lock.sh     take the newest that fit
#
# The resolver lives in a throw-away environment; nobody needs it to run, test or install callboard.
set -eu
cd "$(dirname "$0")/.."

python=$(scripts/find-python.sh)
tool=$(mktemp -d)
trap 'rm -rf "$tool"' EXIT INT TERM
"$python" -m venv "$tool"
"$tool/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

compile() {
    output=$1
    shift
    "$tool/bin/uv" pip compile --quiet ${UPGRADE:+--upgrade} --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --constraint requirements/constraints.txt --output-file "$output" pyproject.toml requirements/build.in "$@"
}
compile requirements/run.txt
# The versions of run.txt bind dev.txt: what is tested is what runs.
compile requirements/dev.txt --group pyproject.toml:dev --constraint requirements/run.txt
