"""The causes that are tried, simplest first. Each is what some product does; the KPI page names whose it is."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.definitions import MICROS, SERVICE_LEVEL_DEFINITIONS
from pipeline.kpis.catalogue import catalogue
from pipeline.reconcile.measures import SERVICE_LEVEL
from pipeline.reconcile.rule import Cause

#: Seconds that products have as limits of a short abandon and as thresholds.
SHORT_LIMITS = (5, 2, 3, 6, 8, 10, 15, 20, 30)
THRESHOLDS = (20, 10, 15, 30, 5, 12, 25, 40, 45, 60, 90, 120, 180, 300)

_LEVEL = frozenset({SERVICE_LEVEL})
_IN_TIME = frozenset({SERVICE_LEVEL, "answered_in_target"})
_ASA = frozenset({"asa_seconds"})
_WAITS = frozenset({"asa_seconds", "average_wait_seconds", "average_abandon_seconds", "longest_wait_seconds"})
_AHT = frozenset({"aht_seconds", "average_talk_seconds"})
#: They say the same as another one, or nothing about a day.
_NOT_TRIED = {"empty_is_full", "rolling_30min"}


def shared_causes(zones: Iterable[tuple[str, str]]) -> list[Cause]:
    """What concerns every measure. ``zones``: each zone to try and whose it is, fixed offsets (Etc/) last."""
    days = [Cause("time_zone", f"the report's day is that of {whose}", {"zone": zone}) for zone, whose in zones]
    offsets = [day for day in days if day.change["zone"].startswith("Etc/")]
    return [
        *(day for day in days if day not in offsets),
        Cause("boundary", "counted when it was answered or given up, not at queue entry", {"counted_at": "wait_ended"}),
        Cause("boundary", "counted when it ended, not at queue entry", {"counted_at": "ended"}),
        Cause("transfer_legs", "only the first pass of a contact counts, not those after a transfer", _passes("first")),
        Cause("transfer_legs", "a contact that enters the same queue again counts once", _passes("first_in_queue")),
        Cause("transfer_legs", "only the last pass of a contact counts", _passes("last")),
        *_callbacks(),
        *_flow_outs(),
        *_ringing(),
        *_short(),
        Cause("missing_records", "passes without an end are not in the report", {"unended": "not_offered"}),
        Cause("missing_records", "passes without an end are abandons in the report", {"unended": "abandoned"}),
        Cause("missing_records", "passes without an end are answered in the report", {"unended": "answered"}),
        Cause("missing_records", "the report has what lies in the dead letters", {"dead_letters": True}),
        *_other_short(),
        *offsets,
    ]


def _passes(which: str) -> dict[str, str]:
    return {"passes": which}


def _callbacks() -> list[Cause]:
    return [
        Cause("callbacks", "a request for a callback counts as abandoned", {"callbacks": "abandoned"}),
        Cause("callbacks", "a request for a callback counts as answered", {"callbacks": "answered"}),
        Cause("callbacks", "a request for a callback is not counted at all", {"callbacks": "not_offered"}),
    ]


def _flow_outs() -> list[Cause]:
    return [
        Cause("definition", "timed out and closed count as abandoned", {"flow_outs": "abandoned_but_keys"}),
        Cause("definition", "timed out, closed and left by key count as abandoned", {"flow_outs": "abandoned"}),
        Cause("definition", "timed out, closed and left by key are not offered", {"flow_outs": "not_offered"}),
    ]


def _ringing() -> list[Cause]:
    return [
        Cause("definition", "a hang-up while an agent was alerted is not an abandon", {"ringing": "neither"}),
        Cause("definition", "a hang-up while an agent was alerted is not counted at all", {"ringing": "not_offered"}),
    ]


_BEHAVIOURS = (
    ("not_offered", "are not counted as calls"),
    ("not_abandoned", "are offered, but not abandoned"),
    ("excluded", "are left out of the ratios only"),
    ("counted", "count like any other"),
)


def _short() -> list[Cause]:
    """With the limit that the queue has."""
    return [Cause("short_abandons", f"short abandons {words}", {"short": what}) for what, words in _BEHAVIOURS]


def _other_short() -> list[Cause]:
    """With other limits."""
    return [
        Cause("short_abandons", f"abandons within {seconds} s {words}", {"short": what, "short_us": seconds * MICROS})
        for seconds in SHORT_LIMITS
        for what, words in _BEHAVIOURS
        if what != "counted"
    ]


def column_causes() -> list[Cause]:
    """What concerns averages and service level only, whatever is counted."""
    definitions = {d.name: d for d in catalogue().definitions}
    return [
        *(
            Cause("definition", f"service level is {name} ({definitions[name].formula})", {"definition": name}, _LEVEL)
            for name in SERVICE_LEVEL_DEFINITIONS
            if name not in _NOT_TRIED
        ),
        Cause("boundary", "an answer at exactly the threshold is late (<)", {"inclusive": False}, _IN_TIME),
        Cause("boundary", "an answer at exactly the threshold is in time (<=)", {"inclusive": True}, _IN_TIME),
        Cause("boundary", "waits are cut to whole seconds", {"whole_seconds": True}, _IN_TIME | _WAITS),
        *(
            Cause("definition", f"the threshold is {seconds} s", {"threshold_us": seconds * MICROS}, _IN_TIME)
            for seconds in THRESHOLDS
        ),
        Cause("definition", "answers without a wait are not in the average", {"zero_waits": False}, _ASA),
        Cause("definition", "waiting ends when an agent is alerted", {"wait": "alert"}, _WAITS | _IN_TIME),
        Cause("definition", "waiting begins with the contact", {"wait": "contact"}, _WAITS | _IN_TIME),
        Cause("definition", "handling is without wrap-up", {"handling": "without_wrap"}, _AHT),
        Cause("definition", "handling is without hold", {"handling": "without_hold"}, _AHT),
        Cause("definition", "handling is talk only", {"handling": "talk"}, _AHT),
        Cause("definition", "handling begins when the agent is alerted", {"handling": "with_ring"}, _AHT),
    ]
