"""FreeSWITCH with mod_callcenter: its events, live or as a file, and its call detail records."""

from __future__ import annotations

from pipeline.producers.adapters.base import Adapter
from pipeline.producers.adapters.freeswitch.cdr import read_cdrs
from pipeline.producers.adapters.freeswitch.cdr_follow import follow_cdrs
from pipeline.producers.adapters.freeswitch.file import read_freeswitch
from pipeline.producers.adapters.freeswitch.live import follow_freeswitch

ADAPTERS = [
    Adapter(
        name="freeswitch",
        description="FreeSWITCH mod_callcenter: a running event socket, or a captured stream of its events.",
        example="callboard publish freeswitch events.txt",
        live_example="callboard listen freeswitch tcp://127.0.0.1:8021",
        read=read_freeswitch,
        live=follow_freeswitch,
        names_states=True,
    ),
    Adapter(
        name="freeswitch-cdr",
        description="FreeSWITCH call detail records: a file or folder of mod_json_cdr, or CSV by a template.",
        example="callboard publish freeswitch-cdr /var/log/freeswitch/json_cdr",
        read=read_cdrs,
        reads_folder=True,
        live=follow_cdrs,
    ),
]
