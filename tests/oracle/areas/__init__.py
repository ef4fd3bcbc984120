"""The KPIs beyond the queue, computed a second time: a module for each area, and the comparison with its macros.

Without a centre: only the flags that wrap-ups carry, no campaigns but those that dials name, local time UTC. What a
macro makes of settings (promises with their grace, business time, capacities) is not here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..differences import Connection, Row, compare_rows, in_words, read_rows
from ..model import Facts
from .bots import bot_handovers, bot_kpis, menu_drop_off, menu_kpis
from .callbacks import callback_kpis, callbacks_now
from .conversations import conversation_kpis
from .outbound import outbound_kpis
from .outcomes import outcome_kpis
from .resolution import fcr, resolution_kpis
from .satisfaction import satisfaction
from .transfers import reentries, transfers

Window = Callable[[Facts, datetime, datetime], list[Row]]

#: Macro over [start, stop): what it is known by, and what it must give.
WINDOWS: dict[str, tuple[tuple[str, ...], Window]] = {
    "bot_kpis": (("client", "bot"), bot_kpis),
    "bot_handovers": (("client", "bot", "reason"), bot_handovers),
    "menu_kpis": (("client", "menu"), menu_kpis),
    "menu_drop_off": (("client", "menu", "step"), menu_drop_off),
    "callback_kpis": (("client", "queue"), callback_kpis),
    "conversation_kpis": (("client", "queue", "channel"), conversation_kpis),
    "outbound_kpis": (("client", "campaign"), outbound_kpis),
    "outcome_kpis": (("client", "queue", "kind", "currency"), outcome_kpis),
    "resolution_kpis": (("client", "queue", "product", "tier"), resolution_kpis),
    "fcr": (("client", "queue", "definition"), fcr),
    "satisfaction": (("client", "queue", "question"), satisfaction),
    "transfers": (("client", "from_queue", "kind", "target", "to_queue"), transfers),
    "reentries": (("client", "queue"), reentries),
}


def compare_areas(connection: Connection, facts: Facts, start: datetime, stop: datetime) -> list[str]:
    """Every difference between the area macros over [start, stop) and the facts, as readable lines."""
    window = f"TIMESTAMPTZ '{start.isoformat()}', TIMESTAMPTZ '{stop.isoformat()}'"
    differences = []
    for macro, (key, expected_of) in WINDOWS.items():
        expected = expected_of(facts, start, stop)
        got = read_rows(connection, f"SELECT * FROM {macro}({window})")
        ratios = [name for name in (expected[0] if expected else {}) if name.endswith(RATIOS)]
        differences += compare_rows(macro, key, expected, got, ratios)
    moment = f"TIMESTAMPTZ '{stop.isoformat()}'"
    got = read_rows(connection, f"SELECT * FROM callbacks_now(as_of := {moment})")
    differences += compare_rows("callbacks_now", ("client", "queue"), callbacks_now(facts, stop), got)
    return in_words(differences)


#: Ratios are published as doubles.
RATIOS = ("_rate", "_share", "containment", "abandonment", "drop_off", "average_seconds", "score_mean", "csat", "nps",
          "ces_mean", "fcr_by_repeat", "fcr_by_resolution", "fcr_by_agent", "_per_dial", "_per_contact")  # fmt: skip
