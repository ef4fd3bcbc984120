"""What VICIDIAL's statuses mean: of a dial, of a caller who got no agent, and of an outcome.

Of an outcome centre.yaml has the first word, then the exported tables vicidial_statuses and vicidial_campaign_statuses,
then VICIDIAL's own defaults, which stand here.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.centre.model import Centre
from pipeline.centre.vocabulary import EVERY_CLIENT
from pipeline.producers.adapters.dispositions import flags_of

#: The call goes on, or nobody has closed it yet.
OPEN = frozenset({"NEW", "QUEUE", "INCALL", "DISPO", "PU", "DONEM"})
#: Users that are none: the dialler, and the in-groups' own.
NOBODY = frozenset({"", "VDAD", "VDCL", "VDIC"})

_MACHINE_BY_AGENT = "A"
_RESULTS: Mapping[str, str] = {
    **dict.fromkeys(("A", "AA", "AM", "AL", "AFAX"), "machine"),
    **dict.fromkeys(("B", "AB", "CPDB"), "busy"),
    **dict.fromkeys(("NA", "N", "CPDNA"), "no_answer"),
    **dict.fromkeys(("DC", "ADC", "CPDINV", "CPDSI", "CPDSV"), "invalid"),
    **dict.fromkeys(("DNCL", "DNCC"), "blocked"),
    **dict.fromkeys(
        ("CPDATB", "CPDREJ", "CPDSUA", "CPDSNC", "CPDSR", "CPDSUK", "CPDUK", "CPDERR", "ERI", "MLINAT"), "failed"
    ),
    **dict.fromkeys(("DROP", "XDROP", "PDROP", "IVRXFR"), "human"),
    **dict.fromkeys(("PM", "SVYEXT", "SVYVM", "SVYHU", "SVYREC", "SVYCLM"), "human"),
}
#: A person answered and was given no agent.
_DROPPED = frozenset({"DROP", "XDROP", "PDROP", "IVRXFR"})

#: How a caller left an in-group without an agent and without giving up.
_LEFT: Mapping[str, str] = {
    "TIMEOT": "timeout",
    "HXFER": "timeout",
    "AFTHRS": "closed",
    "NANQUE": "closed",
    "HOLDTO": "key",
    "WAITTO": "key",
    "QVMAIL": "key",
    "CBHOLD": "callback",
    "CALLBK": "callback",
}
_LEFT_BY_REASON: Mapping[str, str] = {
    "QUEUETIMEOUT": "timeout",
    "AFTERHOURS": "closed",
    "NOAGENT": "closed",
    "HOLDRECALLXFER": "timeout",
    "HOLDTIME": "key",
}
_TRANSFERRED = frozenset({"XFER", "RQXFER", "RAXFER"})

_FLAGS: Mapping[str, tuple[str, ...]] = {
    "SALE": ("sale", "customer_contact", "human_answered"),
    "DEC": ("customer_contact", "human_answered", "refused"),
    "NI": ("customer_contact", "human_answered", "not_interested"),
    "NP": ("human_answered",),
    "DNC": ("human_answered", "do_not_call"),
    "CALLBK": ("human_answered", "follow_up"),
    "CBHOLD": ("follow_up",),
    "XFER": ("customer_contact", "human_answered"),
    "A": ("machine",),
    "DC": ("unworkable",),
}
#: The columns of vicidial_statuses that are flags, by what callboard calls them.
_FLAG_COLUMNS = {
    "sale": "sale",
    "dnc": "do_not_call",
    "customer_contact": "customer_contact",
    "not_interested": "not_interested",
    "unworkable": "unworkable",
    "scheduled_callback": "follow_up",
    "human_answered": "human_answered",
}


class Statuses:
    """The meanings that hold for one export."""

    def __init__(self, centre: Centre | None) -> None:
        """``centre`` may name outcome codes of its own."""
        self._centre = centre
        self._exported: dict[tuple[str, str], tuple[str, ...]] = {}

    def learn(self, values: Mapping[str, str]) -> None:
        """A row of vicidial_statuses or vicidial_campaign_statuses."""
        flags = tuple(flag for column, flag in _FLAG_COLUMNS.items() if values.get(column) == "Y")
        self._exported[values.get("campaign_id", ""), values.get("status", "")] = flags

    def flags(self, client: str, campaign: str, status: str) -> tuple[str, ...]:
        """What an outcome counts as."""
        if self._is_named(client, status):
            return flags_of(self._centre, client, status)
        for key in ((campaign, status), ("", status)):
            if key in self._exported:
                return self._exported[key]
        return _FLAGS.get(status, ())

    def _is_named(self, client: str, status: str) -> bool:
        of = {} if self._centre is None else self._centre.dispositions
        return any(status in of.get(owner, {}) for owner in (client, EVERY_CLIENT))


def dial_result(status: str, has_agent: bool) -> str | None:
    """Who or what took a dial; None for a status that does not say it, where no agent spoke with anybody.

    A centre's own statuses are chosen by agents, who were given the call because somebody answered. So is A: the
    dialler took the machine for a person, and the flag of the outcome tells what it was.
    """
    if has_agent and status == _MACHINE_BY_AGENT:
        return "human"
    return _RESULTS.get(status) or ("human" if has_agent else None)


def is_dropped(status: str) -> bool:
    """Whether a person answered and was given no agent."""
    return status in _DROPPED


def is_transfer(status: str) -> bool:
    """Whether the agent passed the call on."""
    return status in _TRANSFERRED


def left_reason(status: str, term_reason: str) -> str | None:
    """How a caller left an in-group without an agent; None where the caller gave up."""
    return _LEFT.get(status) or _LEFT_BY_REASON.get(term_reason)
