#!/bin/sh
# Fetches Apache Kafka's broker (tests/kafka/pom.xml) into build/kafka/jars with Maven, once per pom.
# Exit 0: the jars are there. Exit 1: they are not, and one line says why.
set -eu
cd "$(dirname "$0")/.."

pom=tests/kafka/pom.xml
target=build/kafka
stamp="$target/.stamp"
want=$(cksum <"$pom")
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
    exit 0
fi
for tool in java mvn; do
    command -v "$tool" >/dev/null 2>&1 || { echo "Apache Kafka's jars were not fetched: there is no $tool here." >&2; exit 1; }
done

echo "Fetching Apache Kafka's jars into $target/jars (once; about 45 MB) ..."
mkdir -p "$target"
fetched=$(mktemp -d "$target/fetching.XXXXXX")
trap 'rm -rf "$fetched"' EXIT INT TERM
if ! mvn --batch-mode --quiet --strict-checksums --file "$pom" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$PWD/$fetched" >"$target/fetch.log" 2>&1; then
    echo "Apache Kafka's jars could not be fetched: see $target/fetch.log." >&2
    exit 1
fi
rm -rf "$target/jars" "$stamp"
mv "$fetched" "$target/jars"
chmod 755 "$target/jars"
echo "$want" >"$stamp"
