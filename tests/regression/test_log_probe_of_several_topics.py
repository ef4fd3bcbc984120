"""Asking what lies at an offset must not make the probe forget the other topics.

``KafkaConsumer.assign`` narrows what the client knows to the assigned topic; the next question for the ends of several
logs then ended the worker with a KeyError.
"""

from __future__ import annotations

import time

from pipeline.transport.log import LogProbe
from tests.e2e.topics import PARTITIONS, create_topics, send
from tests.support.broker import Broker


def test_the_ends_of_all_logs_after_a_look_at_one_record(broker: Broker) -> None:
    create_topics(broker.bootstrap)
    send(broker.bootstrap, [("calls", b"%d" % number, b"record") for number in range(20)])
    everything = [(tp.topic, tp.partition) for tp in PARTITIONS]
    with LogProbe({"bootstrap_servers": [broker.bootstrap]}) as probe:
        for partition in range(4):
            assert probe.next_record_offset("calls", partition, 0) == 0
            assert set(probe.end_offsets(everything)) == set(everything)
            time.sleep(0.3)  # the client's knowledge of topics changes in the background
