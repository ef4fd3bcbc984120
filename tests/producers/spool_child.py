"""A producer that a test kills: says events of several contacts through a spool, and each that was taken to its parent.

Arguments: the spool, the broker, the first number, how many (0: only send what waits, then end).
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime, timedelta

from pipeline.producers import EventProducer

CONTACTS = 7
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def main(spool: str, servers: str, first: int, count: int) -> None:
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    with EventProducer("acme/pbx-1", spool=spool, connection={"bootstrap_servers": servers}) as centre:
        contacts = [centre.contact("acme", f"c-{number}") for number in range(CONTACTS)]
        print("ready", flush=True)
        for number in range(first, first + count):
            contacts[number % CONTACTS].queued(
                START + timedelta(seconds=number), segment=str(number), queue="sales", event_id=f"e-{number}"
            )
            print(number, flush=True)
            time.sleep(0.0005)
        if not count:
            centre.flush(60)
            print("empty", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
