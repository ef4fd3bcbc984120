#!/bin/sh
# Installs what the tests need beside Python: Chromium, Java 17 and Maven. For a CI machine or a container: Debian or
# Ubuntu, as root. It asks for nothing that is already there, and fails with one line where it cannot install.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

wanted=""
have chromium || have chromium-browser || have google-chrome || wanted="$wanted chromium fonts-dejavu-core"
have java || wanted="$wanted default-jre-headless"
have mvn || wanted="$wanted maven"
[ -n "$wanted" ] || exit 0

if ! have apt-get || [ "$(id -u)" -ne 0 ]; then
    echo "The tests also need$wanted: install them by hand (this script does it only as root on Debian or Ubuntu)." >&2
    exit 1
fi

echo "Installing$wanted ..."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
install() {
    # shellcheck disable=SC2086  # the list is words
    apt-get install --yes --no-install-recommends $wanted >"$log" 2>&1
}
# A fresh machine has no package lists, a used one may have old ones: both need the update first.
apt-get update >"$log" 2>&1 && install || { tail -n 15 "$log" >&2; echo "Could not install$wanted." >&2; exit 1; }
