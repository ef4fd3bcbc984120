"""What agents do, from mod_callcenter's two axes: the status that a person sets, and the state that the module keeps.

A queue call counts whatever the status is: an agent who goes on break during a call is on the contact until it ends.
mod_callcenter goes straight from a call to ``Waiting`` and keeps its wrap-up time to itself, so there is no wrap-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.contract import events as ev
from pipeline.contract.events import Event
from pipeline.producers.adapters.freeswitch.names import Names
from pipeline.producers.adapters.freeswitch.records import moment
from pipeline.producers.adapters.freeswitch.state import AgentAxes, State
from pipeline.producers.adapters.speaker import Speaker
from pipeline.producers.adapters.states import SIGNED_OUT
from pipeline.producers.adapters.words import word

IN_A_CALL = "In a queue call"
_LOGGED_OUT = "Logged Out"
_ON_BREAK = "On Break"
_IDLE = "Idle"
_AVAILABLE = ("Available", "Available (On Demand)")
STATUSES = (_LOGGED_OUT, *_AVAILABLE, _ON_BREAK)
#: State and reason of an available agent by the module's state.
_BY_STATE: dict[str | None, tuple[str, str | None]] = {
    None: ("available", None),
    "Waiting": ("available", None),
    "Receiving": ("available", "alerting"),
    "Reserved": ("available", "reserved"),
    # On demand: after a call no other one comes until the agent asks for it.
    _IDLE: ("unavailable", "idle"),
}
STATES = (IN_A_CALL, "Waiting", "Receiving", "Reserved", _IDLE)
#: Signed out; nothing else is said like this.
_OUT = ("", None, None)


class Agents:
    """Turns changes of an agent's status or state into contract events."""

    def __init__(self, speaker: Speaker, names: Names, state: State, states: Mapping[str, str]) -> None:
        """``state`` is shared with the converter, which keeps it; ``states`` are the centre's meanings by word."""
        self._states = states
        self._speaker = speaker
        self._names = names
        self._state = state

    def changed(
        self, name: str, time_us: int, apart: str, *, status: str | None = None, state: str | None = None
    ) -> Iterator[Event]:
        """What follows from a new value on one axis, or on both; nothing where the agent does the same as before."""
        owner = self._names.agent(name)
        if owner is None:
            return
        axes = self._state.agents.setdefault(name, AgentAxes())
        axes.status = status or axes.status
        axes.state = state or axes.state
        if axes.status is None and axes.state == "Receiving":
            # Only who is available is offered a call.
            axes.status = _AVAILABLE[0]
        now = _combined(axes, self._states)
        if now is None or now == axes.said:
            return
        was, axes.said = axes.said, now
        common = {"client": owner[0], "agent": owner[1]}
        if now == _OUT:
            if was is not None:
                yield self._speaker.say(ev.AgentSignedOut, moment(time_us), apart, **common)
            return
        members = {**common, **dict(zip(("state", "reason", "presence"), now, strict=True))}
        if was == _OUT:
            yield self._speaker.say(ev.AgentSignedIn, moment(time_us), apart, **members)
        else:
            yield self._speaker.say(ev.AgentStateChanged, moment(time_us), apart, **members)


def _combined(axes: AgentAxes, states: Mapping[str, str]) -> tuple[str, str | None, str | None] | None:
    """(state, reason, presence) of both axes; None while too little is known.

    The names are mod_callcenter's own, so ``states`` can say of two only what they mean: On Break, and Idle.
    """
    presence = word(axes.status)
    if axes.state == IN_A_CALL:
        return "on_contact", None, presence
    name = axes.status if axes.status == _ON_BREAK else axes.state if axes.status in _AVAILABLE else None
    own = states.get(word(name) or "") if name in {_ON_BREAK, _IDLE} else None
    if own == SIGNED_OUT:
        return _OUT
    if own is not None:
        return own, None if own in {"available", "on_contact"} else word(name), presence
    if axes.status == _LOGGED_OUT:
        return _OUT
    if axes.status == _ON_BREAK:
        return "break", "on_break", presence
    if axes.status in _AVAILABLE:
        return (*_BY_STATE.get(axes.state, ("available", None)), presence)
    return None
