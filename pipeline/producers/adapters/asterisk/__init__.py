"""Asterisk: the queue log as a file, and the manager interface of a running system."""

from __future__ import annotations

from pipeline.producers.adapters.asterisk.ami_reader import follow_ami, read_ami
from pipeline.producers.adapters.asterisk.log_reader import follow_queue_log, read_queue_log
from pipeline.producers.adapters.base import Adapter

ADAPTERS = [
    Adapter(
        name="queue-log",
        description="Asterisk's queue_log: the file, also while it grows (--follow), or an export of its table.",
        example="callboard publish queue-log /var/log/asterisk/queue_log --client acme --follow",
        read=read_queue_log,
        live=follow_queue_log,
    ),
    Adapter(
        name="ami",
        description="Asterisk's manager interface: a running Asterisk, or a captured stream of its messages.",
        example="callboard publish ami capture.txt --client acme",
        live_example="callboard listen ami tcp://callboard@pbx.example:5038 --client acme",
        read=read_ami,
        live=follow_ami,
    ),
]
