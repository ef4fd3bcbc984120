#!/bin/sh
# Prints the path of a Python that callboard runs on; fails with one line when there is none.
# The wanted one may be named: PYTHON=/path/to/python3.12 make test
set -eu

# A version manager's shim may exist and yet refuse to run, so each candidate is asked.
usable() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    usable "$PYTHON" || { echo "callboard needs Python 3.11 or newer; PYTHON=$PYTHON is not one." >&2; exit 2; }
    command -v "$PYTHON"
    exit 0
fi

for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if usable "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done
echo "callboard needs Python 3.11 or newer and found none: install it, or name it with PYTHON=/path/to/python3." >&2
exit 2
