"""What FreeSWITCH's causes and histories mean: the one place for both the events and the call detail records."""

from __future__ import annotations

import re

_US_OF_SECOND = 1_000_000
#: Withdrawn by FreeSWITCH: the caller hung up, or another agent was quicker. Nobody declined anything.
_WITHDRAWN = ("ORIGINATOR_CANCEL", "LOSE_RACE")
_DECLINED = {"CALL_REJECTED": "declined", "USER_BUSY": "busy", "USER_NOT_REGISTERED": "not_registered"}
#: A hang-up in the queue shows BREAK_OUT; one in the moment of an answer shows NONE.
_HANG_UP = ("BREAK_OUT", "NONE", "")
_LEFT = {"TIMEOUT": "timeout", "NO_AGENT_TIMEOUT": "closed", "EXIT_WITH_KEY": "key"}
#: When it was, how, and where to: an entry of a channel's transfer_history.
_TRANSFER = re.compile(r"(\d{9,11}):[^:|]*:(bl_xfer|att_xfer|uuid_br):([^|]*)")


def decline_reason(hangup_cause: str) -> str | None:
    """Why an alerted agent did not take the call; None where the alert was withdrawn."""
    return None if hangup_cause in _WITHDRAWN else _DECLINED.get(hangup_cause, "no_answer")


def left_reason(cancel_reason: str, still_up: bool) -> str | None:
    """How a caller left the queue without an agent; None where the caller gave up.

    BREAK_OUT is the word for a hang-up and also for a call that was taken out of the queue by a command; only in the
    second case is the caller's channel ``still_up``.
    """
    if cancel_reason in _HANG_UP and not still_up:
        return None
    return _LEFT.get(cancel_reason, "closed")


def transfer_kind(history: str, answered_us: int | None, agent_channel: str) -> str | None:
    """How a caller was passed on after the answer, by the history of the caller's channel; None if not at all.

    Where the agent's channel is not known (empty), a join of two channels says nothing.
    """
    for at, how, target in _TRANSFER.findall(history):
        # The queue joins caller and agent by the same means as a transfer between two channels: that one is none.
        own = how == "uuid_br" and target.strip() == (agent_channel or target.strip())
        if not own and answered_us is not None and int(at) >= answered_us // _US_OF_SECOND:
            return "cold" if how == "bl_xfer" else "warm"
    return None
