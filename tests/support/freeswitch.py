"""FreeSWITCH's events as its event socket writes them, for tests that need some of known content."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

CORE = "6f1e0d52-1111-4000-8000-000000000001"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def epoch(at: datetime) -> str:
    """Whole seconds, as mod_callcenter writes its own times."""
    return str(micros(at) // 1_000_000)


class Switch:
    """Writes events with the headers that the core gives each of them; the sequence goes on by itself."""

    def __init__(self, core: str = CORE, sequence: int = 4000) -> None:
        self.core = core
        self.sequence = sequence

    def event(self, name: str, at: datetime, **headers: str) -> dict[str, str]:
        """``headers`` with underscores for hyphens, but for those that begin with variable_."""
        self.sequence += 1
        return {
            "Event-Name": name,
            "Core-UUID": self.core,
            "FreeSWITCH-Hostname": "pbx",
            "Event-Date-Local": f"{at:%Y-%m-%d %H:%M:%S}",
            "Event-Date-Timestamp": str(micros(at)),
            "Event-Sequence": str(self.sequence),
            **{key if key.startswith("variable_") else key.replace("_", "-"): value for key, value in headers.items()},
        }

    def callcenter(self, action: str, at: datetime, **headers: str) -> dict[str, str]:
        """A ``callcenter::info`` event."""
        return self.event("CUSTOM", at, Event_Subclass="callcenter::info", CC_Action=action, **headers)

    def agent(self, name: str, at: datetime, *, status: str = "", state: str = "") -> dict[str, str]:
        """A change of an agent's status or state."""
        if status:
            return self.callcenter("agent-status-change", at, CC_Agent=name, CC_Agent_Status=status)
        return self.callcenter("agent-state-change", at, CC_Agent=name, CC_Agent_State=state)


class Caller:
    """One caller in one queue: the events of its way, each at so many seconds after it joined."""

    def __init__(self, switch: Switch, number: int, queue: str, joined: datetime, session: str = "") -> None:
        self.switch = switch
        self.joined = joined
        self.member = f"aaaaaaaa-0000-4000-8000-{number:012d}"
        self.session = session or f"bbbbbbbb-0000-4000-8000-{number:012d}"
        self.agent_channel = f"cccccccc-0000-4000-8000-{number:012d}"
        self._called = self._answered = joined
        self._base = {
            "CC_Queue": queue,
            "CC_Member_UUID": self.member,
            "CC_Member_Session_UUID": self.session,
            "CC_Member_CID_Name": "Invented Caller",
            "CC_Member_CID_Number": f"+44207946{number % 1000:04d}",
        }

    def at(self, seconds: float) -> datetime:
        return self.joined + timedelta(seconds=seconds)

    def _of(self, action: str, seconds: float, **more: str) -> dict[str, str]:
        return self.switch.callcenter(action, self.at(seconds), **self._base, **more)

    def joins(self, direction: str = "inbound", action: str = "member-queue-start") -> dict[str, str]:
        return self._of(action, 0, Call_Direction=direction, Answer_State="answered")

    def offered(self, seconds: float, agent: str) -> dict[str, str]:
        self._called = self.at(seconds)
        return self._of("agent-offering", seconds, CC_Agent=agent, CC_Agent_Type="callback")

    def declined(self, seconds: float, agent: str, cause: str) -> dict[str, str]:
        return self._of(
            "bridge-agent-fail",
            seconds,
            CC_Agent=agent,
            CC_Hangup_Cause=cause,
            CC_Agent_Called_Time=epoch(self._called),
            CC_Agent_Aborted_Time=epoch(self.at(seconds)),
            CC_Member_Joined_Time=epoch(self.joined),
        )

    def _times(self) -> dict[str, str]:
        return {
            "CC_Agent_UUID": self.agent_channel,
            "CC_Agent_Called_Time": epoch(self._called),
            "CC_Agent_Answered_Time": epoch(self._answered),
        }

    def answered(self, seconds: float, agent: str, joined: datetime | None = None) -> dict[str, str]:
        self._answered = self.at(seconds)
        return self._of(
            "bridge-agent-start",
            seconds,
            CC_Agent=agent,
            CC_Member_Joined_Time=epoch(joined or self.joined),
            **self._times(),
        )

    def hold(self, seconds: float, on: bool = True) -> dict[str, str]:
        return self.switch.event(
            "CHANNEL_HOLD" if on else "CHANNEL_UNHOLD", self.at(seconds), Unique_ID=self.agent_channel
        )

    def bridge_ends(self, seconds: float, agent: str, bridged: bool = True, **more: str) -> dict[str, str]:
        return self._of(
            "bridge-agent-end",
            seconds,
            CC_Agent=agent,
            CC_Agent_Bridged="true" if bridged else "false",
            CC_Hangup_Cause="NORMAL_CLEARING",
            CC_Member_Joined_Time=epoch(self.joined),
            CC_Bridge_Terminated_Time=epoch(self.at(seconds)),
            **self._times(),
            **more,
        )

    def terminated(self, seconds: float, agent: str, joined: datetime | None = None, **more: str) -> dict[str, str]:
        return self._of(
            "member-queue-end",
            seconds,
            CC_Cause="Terminated",
            CC_Agent=agent,
            CC_Hangup_Cause="NORMAL_CLEARING",
            CC_Member_Joined_Time=epoch(joined or self.joined),
            CC_Member_Leaving_Time=epoch(self.at(seconds)),
            **self._times(),
            **more,
        )

    def cancelled(self, seconds: float, reason: str, answer_state: str = "hangup") -> dict[str, str]:
        return self._of(
            "member-queue-end",
            seconds,
            CC_Cause="Cancel",
            CC_Cancel_Reason=reason,
            Answer_State=answer_state,
            CC_Member_Joined_Time=epoch(self.joined),
            CC_Member_Leaving_Time=epoch(self.at(seconds)),
        )


def plain(headers: dict[str, str]) -> str:
    """The event as a body of text/event-plain: its values percent-encoded."""
    return "".join(f"{name}: {quote(value, safe=' /:()+@._-|')}\n" for name, value in headers.items()) + "\n"


def framed(headers: dict[str, str]) -> str:
    """The event in its frame, as it goes over the socket."""
    body = plain(headers)
    return f"Content-Length: {len(body.encode())}\nContent-Type: text/event-plain\n\n{body}"


def as_json(headers: dict[str, str]) -> str:
    """The event as one line of JSON."""
    return json.dumps(headers) + "\n"
