"""What a queue's line of business adds to its contacts: cases, menus and bots, dials, messages, outcomes, surveys.

Plain data, no behaviour; a queue with ``Business()`` says nothing about its contacts but their way through the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.simulate.spread import Lognormal, Spread

#: A choice and its share; shares are relative to each other.
Weighted = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a contact when it begins. So few ``customers`` as there are, some come back."""

    customers: int = 2000
    languages: Weighted = (("en", 1.0),)
    products: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    campaign: str | None = None
    tickets: bool = False
    promised_hours: float | None = None
    audio_seconds: Spread | None = None
    items: Spread | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """Keys or a bot before the queue. Who hangs up there is the queue's ``menu_hang_up_probability``."""

    name: str
    kind: Literal["menu", "bot"] = "menu"
    steps: int = 2
    intents: tuple[str, ...] = ("question",)
    #: The customer's concern is settled here.
    contained_probability: float = 0.0
    hand_over_reasons: tuple[str, ...] = ("asked_for_agent", "not_understood")


@dataclass(frozen=True, slots=True)
class Dialling:
    """Every arrival is a dial of this campaign; of the ``leads`` of its ``lists``, some more than once."""

    campaign: str
    lists: tuple[str, ...]
    leads: int
    results: Weighted = (
        ("human", 0.34),
        ("machine", 0.22),
        ("no_answer", 0.27),
        ("busy", 0.08),
        ("invalid", 0.05),
        ("blocked", 0.02),
        ("failed", 0.02),
    )
    drop_rule: str = "ftc"


@dataclass(frozen=True, slots=True)
class Change:
    """What may become of an outcome, so many days later (half as many to one and a half times as many)."""

    status: Literal["part_kept", "kept", "broken", "fulfilled", "cancelled"]
    probability: float
    after_days: float
    #: Of the amount, for a promise that is kept in part.
    share: float = 1.0
    #: The money comes: a payment of its own is said as well.
    pays: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something a handled contact may bring. Of those with a disposition one at most, the others independently."""

    kind: str
    probability: float
    disposition: str | None = None
    amount: Lognormal | None = None
    currency: str | None = None
    products: tuple[str, ...] = ()
    due_days: int | None = None
    #: At most one of them comes true.
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Solving:
    """Whether a handled contact is settled, and for how many that was not the end of it."""

    resolved_probability: float = 0.8
    reopened_probability: float = 0.0
    reopened_after_hours: float = 20.0
    #: A reopened contact goes back into its queue as a new segment; otherwise it is only said.
    requeued: bool = False
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """Questions and their scores with shares. ``in_contact``: the contact is the survey (market research)."""

    questions: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]
    asked_probability: float = 0.3
    answered_probability: float = 0.4
    refused_probability: float = 0.1
    in_contact: bool = False


@dataclass(frozen=True, slots=True)
class Business:
    """A queue's line of business (a name of ``pipeline.centre.vocabulary.LINES``) and what belongs to it."""

    line: str = "customer-service"
    case: Case | None = None
    menu: Menu | None = None
    dialling: Dialling | None = None
    #: Mean number of an agent's messages in a conversation in writing; None is a conversation by voice.
    messages: float | None = None
    outcomes: tuple[Outcome, ...] = ()
    solving: Solving | None = None
    survey: Survey | None = None
    #: Share of conversations that a supervisor joins.
    joined_probability: float = 0.0
    #: Share of holds in which the agent asks a specialist, and of conversations that a specialist joins.
    consulted_probability: float = 0.0
    conference_probability: float = 0.0
    #: Share of conversations that are passed on to the agent's supervisor, if that one is free.
    escalated_probability: float = 0.0
