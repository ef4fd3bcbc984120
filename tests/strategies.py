"""Small but nasty event logs, for the property tests "any permutation, repetition and split gives the same tables".

Everything here is made as plain dictionaries and bytes, with no help from ``pipeline``:

* ``event_logs()`` gives lists of valid events: a few clients, interactions, queues and agents whose names and times
  collide on purpose, stories with steps missing, contradictions, repeated holds, several wrap-ups and currencies, and
  details of every type about the same few contacts and agents, before, between and long after their stories;
* ``bad_lines()`` gives lines that must be refused, each with the reason;
* ``logs()`` gives the lines of both together, each once;
* ``deliveries(lines)`` gives these lines as a broker might deliver them: in any order, some several times, in batches.

A repeated line is the same bytes again. Lines that share (source, id) but say different things are not made here: which
of them counts depends, by definition, on the order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

#: When the logs are read. No event is later than this plus ten minutes.
NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)

# Names that sort differently by bytes, UTF-16 units and language, or that break careless quoting and line splitting.
CLIENTS = ("acme", "ACME", "O'Brien & Söhne")
INTERACTIONS = ("i-1", "i-10", "i/2", "звонок")
SEGMENTS = ("1", "10", "2")
QUEUES = ("sales", "Sales", ' "PS" ', "客服\uff0f二", "\U0001f600", "no-break\u00a0and zero\u200bwidth", "NULL")
AGENTS = ("anna", "Zoë", "Zoe\u0308", "%s")
SOURCES = ("pbx-1", "pbx-10", "pbx-\U0001f4de")
# A contact stays in the topic of its channel: a source that lets one call go on as a chat gives the chat another name.
CHANNELS = {
    "i-1": ("voice", "chat_2"),
    "i-10": ("voice", "video"),
    "i/2": ("chat", "sms"),
    "звонок": ("email", "work_item"),
}
DIRECTIONS = ("inbound", "outbound", "internal")
STATES = ("available", "on_contact", "wrap_up", "break", "unavailable")

# Moments around which events crowd: midnight UTC, the change to summer time in Europe, the ends of a quarter.
ANCHORS = (
    datetime(2026, 3, 29, 0, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 14, 59, 999999, tzinfo=UTC),
    datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC),
)
# Gaps that sit on and beside every threshold: no wait, the short abandon (5 s), the target (20 s), a minute.
GAPS = tuple(
    timedelta(seconds=seconds, microseconds=micros)
    for seconds, micros in (
        (0, 0),
        (0, 1),
        (4, 999999),
        (5, 0),
        (5, 1),
        (19, 0),
        (20, 0),
        (20, 1),
        (60, 0),
        (901, 333333),
    )
)
OFFSETS = tuple(timezone(timedelta(minutes=minutes)) for minutes in (0, 60, 120, 330, 345, -570, 840, -720))

times = st.builds(
    lambda anchor, gap, sign: anchor + sign * gap,
    st.sampled_from(ANCHORS),
    st.sampled_from(GAPS) | st.timedeltas(timedelta(0), timedelta(minutes=3)),
    st.sampled_from((1, -1)),
)


@st.composite
def written_times(draw: st.DrawFn, moment: datetime) -> str:
    """``moment`` as RFC 3339, written for any offset, with or without needless zeros."""
    local = moment.astimezone(draw(st.sampled_from(OFFSETS)))
    text = local.isoformat(timespec=draw(st.sampled_from(("auto", "microseconds"))))
    if text.endswith("+00:00") and draw(st.booleans()):
        text = text.removesuffix("+00:00") + "Z"
    return text


amounts = st.sampled_from(("0", "-0.00", "19.90", "0.0001", "0.1", "0.2", "-5", "999999999999.9999"))
flags = st.lists(st.sampled_from(("sale", "resolved", "promise")), max_size=3)


@dataclass(frozen=True)
class World:
    """The few names that one log uses, so that its events meet in the same segments, cells and spans."""

    clients: list[str]
    interactions: list[str]
    segments: list[str]
    queues: list[str]
    agents: list[str]
    directions: list[str]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One to three names of each kind."""

    def few(names: tuple[str, ...], most: int = 2) -> list[str]:
        return draw(st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True))

    return World(
        few(CLIENTS),
        few(INTERACTIONS, 3),
        few(SEGMENTS, 3),
        few(QUEUES, 3),
        few(AGENTS),
        few(DIRECTIONS),
    )


@st.composite
def interaction_data(draw: st.DrawFn, world: World, kind: str, base: Json) -> Json:
    """The ``data`` of an interaction event of this kind, about the contact that ``base`` names."""
    data = dict(base)
    if kind == "started" or (kind == "ended" and draw(st.booleans())):
        data.pop("segment")
    if kind == "queued" or (kind != "started" and draw(st.booleans())):
        data["queue"] = draw(st.sampled_from(world.queues))
    if kind in ("offered", "declined", "answered") or (kind != "started" and draw(st.booleans())):
        data["agent"] = draw(st.sampled_from(world.agents))
    if kind == "left_queue":
        data["reason"] = draw(st.sampled_from(("timeout", "key", "closed", "callback")))
    if kind == "declined" and draw(st.booleans()):
        data["reason"] = "busy"
    if kind == "transferred" and draw(st.booleans()):
        data["kind"] = draw(st.sampled_from(("cold", "warm", "conference")))
        data["to_queue"] = draw(st.none() | st.sampled_from(world.queues))
    if kind == "ended" and draw(st.booleans()):
        data["ended_by"] = draw(st.sampled_from(("customer", "agent", "system", None)))
    if kind == "wrapped_up" and draw(st.booleans()):
        data["disposition"] = draw(st.sampled_from(("sold", "call again", None)))
        data["flags"] = draw(flags)
        data["amount"] = draw(st.none() | amounts)
        data["currency"] = draw(st.sampled_from(("EUR", "EUR", "EUR", "USD", None)))
    if draw(st.integers(0, 5)) == 5:
        data["revision"] = draw(st.sampled_from((0, 1, 2, 2**53)))  # unknown where a contact starts
    if draw(st.integers(0, 9)) == 9:
        data["x_extension"] = {"nested": [1, -1.5e3, None, "ü\u2029"], "": True}
    return data


@st.composite
def contacts(draw: st.DrawFn, world: World) -> Json:
    """What every event of one segment says of it."""
    interaction = draw(st.sampled_from(world.interactions))
    return {
        "client": draw(st.sampled_from(world.clients)),
        "interaction": interaction,
        "segment": draw(st.sampled_from(world.segments)),
        "channel": draw(st.sampled_from(CHANNELS[interaction])),
        "direction": draw(st.sampled_from(world.directions)),
    }


#: How contacts go. Steps are left out, repeated and shifted when a story is drawn.
STORIES = (
    ("started", "queued", "offered", "answered", "ended", "wrapped_up"),
    ("started", "queued", "offered", "declined", "offered", "answered", "held", "resumed", "ended", "wrapped_up"),
    ("queued", "answered", "held", "resumed", "held", "ended", "wrapped_up", "wrapped_up"),
    ("queued", "answered", "held", "transferred", "wrapped_up"),
    ("started", "queued", "abandoned", "ended"),
    ("queued", "abandoned", "answered", "left_queue", "ended"),
    ("started", "queued", "left_queue", "ended"),
    ("started", "ended"),
    ("answered", "resumed", "held", "ended"),
    ("queued",),
)
KINDS = tuple(sorted({kind for story in STORIES for kind in story}))


@st.composite
def stories(draw: st.DrawFn, world: World) -> list[Json]:
    """The events of one segment, mostly in a sensible order, possibly with steps missing."""
    base, moment = draw(contacts(world)), draw(times)
    if draw(st.integers(0, 2)) == 2:  # several stories about one segment: some of them correct the others
        base["revision"] = draw(st.sampled_from((0, 1, 2)))
    drafts = []
    for kind in draw(st.sampled_from(STORIES)):
        moment += draw(st.sampled_from(GAPS))
        if draw(st.integers(0, 5)) == 0:
            continue
        shown = draw(times) if draw(st.integers(0, 9)) == 9 else moment
        drafts.append(
            _draft(f"interaction.{kind}.v1", draw(written_times(shown)), draw(interaction_data(world, kind, base)))
        )
    return drafts


@st.composite
def stray_events(draw: st.DrawFn, world: World) -> list[Json]:
    """One event of any kind at any time, about one of the same few segments."""
    kind = draw(st.sampled_from(KINDS))
    data = draw(interaction_data(world, kind, draw(contacts(world))))
    return [_draft(f"interaction.{kind}.v1", draw(written_times(draw(times))), data)]


@st.composite
def shifts(draw: st.DrawFn, world: World) -> list[Json]:
    """Events of one agent, with times that collide and states that repeat."""
    who = {"client": draw(st.sampled_from(world.clients)), "agent": draw(st.sampled_from(world.agents))}
    drafts = []
    for kind in draw(
        st.lists(st.sampled_from(("signed_in", "state_changed", "state_changed", "signed_out")), max_size=6)
    ):
        data: Json = dict(who)
        if kind == "state_changed" or (kind == "signed_in" and draw(st.booleans())):
            data["state"] = draw(st.sampled_from(STATES))
        if kind != "signed_out" and draw(st.booleans()):
            data["reason"] = draw(st.sampled_from(("lunch", "team_meeting", None)))
        if kind != "signed_out" and draw(st.booleans()):
            data["presence"] = draw(st.sampled_from(("on_queue", "meal", None)))
        drafts.append(_draft(f"agent.{kind}.v1", draw(written_times(draw(times))), data))
    return drafts


identifiers = st.sampled_from(("x-1", "O'Hara/7", "\u00fc\U0001f600", "NULL", " "))
words = st.sampled_from(("sale", "csat", "a", "w" * 60))
languages = st.sampled_from(("de", "pt-BR", "sr-Latn-RS", "yue", "de-" + "-".join(["abcdefgh"] * 3)))
counts = st.sampled_from((0, 1, 1, 2, 30, 1_000_000_000))
milliseconds = st.sampled_from((0, 1, 20_000, 20_001, 10_000_000_000))
wholes = st.sampled_from((-1_000_000_000, -1, 0, 5, 10, 1_000_000_000))
days = st.sampled_from(("1990-01-01", "2026-03-29", "2028-02-29", "2099-12-31"))
moments = times.flatmap(written_times) | st.sampled_from(
    ("1990-01-01T00:00:00Z", "2026-07-01 00:00:00.1234567+0530", "2099-12-31T23:59:59.999999Z")
)
currencies = st.sampled_from(("EUR", "EUR", "USD"))
truths = st.booleans()


def choices(*names: str) -> st.SearchStrategy[str]:
    """One of these words."""
    return st.sampled_from(names)


Members = dict[str, st.SearchStrategy[Any]]
#: Of each type of detail: the members it must have, those it may have or be null, and those that have a default.
DETAILS: dict[str, tuple[Members, Members, Members]] = {
    "interaction.described.v1": (
        {},
        {
            **{name: identifiers for name in ("customer", "product", "reason", "ticket", "campaign")},
            **{name: counts for name in ("tier", "audio_seconds", "items")},
            "language": languages,
            "skill": words,
            "priority": wholes,
            "promised_at": moments,
        },
        {},
    ),
    "interaction.menu_stepped.v1": (
        {"bot": identifiers, "step": identifiers},
        {"intent": identifiers, "reason": words},
        {"kind": choices("menu", "bot"), "result": choices("continued", "contained", "handed_over", "abandoned")},
    ),
    "interaction.message_sent.v1": ({"sender": choices("customer", "agent", "bot", "system")}, {}, {}),
    "interaction.callback_changed.v1": (
        {
            "callback": identifiers,
            "status": choices("requested", "scheduled", "attempted", "reached", "not_reached", "cancelled", "expired"),
        },
        {"due_at": moments},
        {},
    ),
    "interaction.surveyed.v1": (
        {"survey": identifiers, "status": choices("sent", "answered", "completed", "refused")},
        {"question": words, "score": wholes},
        {},
    ),
    "interaction.outcome_changed.v1": (
        {"outcome": identifiers, "kind": words},
        {"amount": amounts, "currency": currencies, "due_on": days, "product": identifiers, "campaign": identifiers},
        {"status": choices("made", "part_kept", "kept", "broken", "fulfilled", "cancelled"), "quantity": counts},
    ),
    "interaction.resolution_changed.v1": (
        {"status": choices("resolved", "reopened", "pending", "escalated")},
        {"tier": counts, "product": identifiers},
        {"actor": choices("agent", "bot", "customer", "system")},
    ),
    "interaction.dialled.v1": (
        {
            "attempt": identifiers,
            "campaign": identifiers,
            "result": choices("human", "machine", "busy", "no_answer", "invalid", "blocked", "failed"),
        },
        {
            "list": identifiers,
            "lead": identifiers,
            "rung_seconds": counts,
            "greeting_ended_at": moments,
            "connected_at": moments,
        },
        {"dropped": truths},
    ),
    "interaction.participated.v1": (
        {
            "role": choices("monitor", "coach", "barge", "consult", "conference"),
            "change": choices("joined", "left"),
        },
        {},
        {},
    ),
    "interaction.reported.v1": (
        {},
        {**{name: milliseconds for name in ("wait_ms", "ring_ms", "talk_ms", "hold_ms", "wrap_ms")}, "outcome": words},
        {},
    ),
    "agent.scheduled.v1": (
        {"schedule": identifiers, "activity": words, "starts_at": moments, "ends_at": moments},
        {},
        {"revision": counts, "paid": truths},
    ),
    "source.noticed.v1": (
        {
            "adapter": words,
            "kind": choices("gap", "unknown_verb", "unknown_field", "unknown_version", "unreadable", "contradiction"),
            "name": identifiers,
        },
        {"lost_from": moments},
        {"count": counts},
    ),
}


@st.composite
def details(draw: st.DrawFn, world: World) -> list[Json]:
    """One detail of any type at any time, about one of the same few contacts and agents."""
    type_name = draw(st.sampled_from(sorted(DETAILS)))
    required, optional, defaulted = DETAILS[type_name]
    data: Json = {"client": draw(st.sampled_from(world.clients))}
    if type_name.startswith("agent."):
        data["agent"] = draw(st.sampled_from(world.agents))
    elif type_name.startswith("interaction."):
        data = draw(contacts(world))
        if type_name != "interaction.reported.v1" and draw(st.booleans()):
            del data["segment"]
        if draw(st.booleans()):
            data["queue"] = draw(st.none() | st.sampled_from(world.queues))
        if type_name == "interaction.participated.v1" or draw(st.booleans()):
            data["agent"] = draw(st.sampled_from(world.agents))
    data |= {name: draw(values) for name, values in required.items()}
    for name, values in optional.items():
        if draw(st.booleans()):
            data[name] = draw(st.none() | values)
    for name, values in defaulted.items():
        if draw(st.booleans()):
            data[name] = draw(values)
    if draw(st.integers(0, 9)) == 9:
        data["state"] = {"unknown": ["here", 1.5]}
        if type_name.startswith("source."):
            data |= {"interaction": "i-1", "queue": 5, "agent": ["unknown"], "revision": -1}
    return [_draft(type_name, draw(written_times(draw(times))), data)]


def _draft(type_name: str, time: str, data: Json) -> Json:
    return {"specversion": "1.0", "type": type_name, "time": time, "data": data}


@st.composite
def event_logs(
    draw: st.DrawFn, max_stories: int = 5, max_stray: int = 8, max_shifts: int = 3, max_details: int = 8
) -> list[Json]:
    """Valid events, each (source, id) once; the ids are shared between sources and do not follow the times."""
    world = draw(worlds())
    parts = [
        *draw(st.lists(stories(world), max_size=max_stories)),
        *draw(st.lists(stray_events(world), max_size=max_stray)),
        *draw(st.lists(shifts(world), max_size=max_shifts)),
        *draw(st.lists(details(world), max_size=max_details)),
    ]
    drafts = [draft for part in parts for draft in part]
    for number, draft in zip(draw(st.permutations(range(len(drafts)))), drafts, strict=True):
        draft["source"] = SOURCES[number % len(SOURCES)]
        draft["id"] = str(number // len(SOURCES))
    return drafts


def line(event: Json, ascii_only: bool = False) -> bytes:
    """An event as one JSON line without the line feed, in UTF-8 or with escapes."""
    return json.dumps(event, ensure_ascii=ascii_only).encode("utf-8")


def example(type_name: str = "interaction.queued.v1", **changes: Any) -> Json:
    """A valid event, or one spoiled by ``changes``: a name with ``data_`` before it changes a member of ``data``."""
    data: Json = {
        "client": "acme",
        "interaction": "i-1",
        "segment": "1",
        "channel": "voice",
        "direction": "inbound",
        "queue": "sales",
    }
    event = {"id": "bad", "source": "pbx-bad", **_draft(type_name, "2026-03-29T01:00:00Z", data)}
    for name, value in changes.items():
        target, member = (data, name.removeprefix("data_")) if name.startswith("data_") else (event, name)
        target[member] = value
    return event


def without(event: Json, *names: str) -> Json:
    """``event`` with members left out; ``data_x`` is the member x of ``data``."""
    data = {k: v for k, v in event["data"].items() if f"data_{k}" not in names}
    return {k: v for k, v in {**event, "data": data}.items() if k not in names}


def _spliced(raw: bytes) -> bytes:
    """A valid event with an unknown member whose value is ``raw``."""
    return b'{"x_unknown": ' + raw + b", " + line(example())[1:]


DESCRIBED = "interaction.described.v1"


def _outcome(**changes: Any) -> Json:
    """An outcome, or one spoiled by ``changes`` of its data."""
    named = {"outcome": "o-1", "kind": "sale", **changes}
    return example("interaction.outcome_changed.v1", **{f"data_{name}": value for name, value in named.items()})


def _notice(**changes: Any) -> Json:
    """A notice of a source, or one spoiled by ``changes`` of its data."""
    named = {"adapter": "queue_log", "kind": "gap", "name": "QUEUESTART", **changes}
    return example("source.noticed.v1", **{f"data_{name}": value for name, value in named.items()})


#: Lines that must be refused, by what is wrong with them: the line and the reason. None holds a line feed or is empty,
#: so they can stand in an event file.
BAD_LINES: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"hello", "undecodable"),
    "cut off": (line(example())[:-5], "undecodable"),
    "two documents": (line(example()) * 2, "undecodable"),
    "not UTF-8": (line(example()).replace(b"sales", b"s\xe4les"), "undecodable"),
    "not UTF-8 in an unknown member": (_spliced(b'"\xff"'), "undecodable"),
    "UTF-16": (line(example()).decode().encode("utf-16"), "undecodable"),
    "byte order mark": (b"\xef\xbb\xbf" + line(example()), "undecodable"),
    "NaN": (_spliced(b"NaN"), "undecodable"),
    "infinity": (_spliced(b"-Infinity"), "undecodable"),
    "lone surrogate": (_spliced(rb'"\ud800"'), "undecodable"),
    "control character": (line(example()).replace(b"sales", b"sa\x01les"), "undecodable"),
    "nested without end": (b"[" * 100_000, "undecodable"),
    "nested too deeply in an unknown member": (_spliced(b"[" * 50_000 + b"]" * 50_000), "undecodable"),
    "a card number": (line(example(data_interaction="4111111111111111")), "card_number"),
    "a card number in groups in an unknown member": (_spliced(b'{"x": ["3782 822463 10005"]}'), "card_number"),
    "only white space": (b" \t ", "undecodable"),
    "an array": (b"[]", "schema"),
    "null": (b"null", "schema"),
    "an empty object": (b"{}", "schema"),
    "no type": (line(without(example(), "type")), "schema"),
    "the type is a number": (line(example(type=5)), "schema"),
    "another specversion": (line(example(specversion="0.3")), "schema"),
    "specversion as a number": (_spliced(b"1").replace(b'"1.0"', b"1.0"), "schema"),
    "no id": (line(without(example(), "id")), "schema"),
    "empty source": (line(example(source="")), "schema"),
    "no time": (line(without(example(), "time")), "schema"),
    "time without an offset": (line(example(time="2026-03-29T01:00:00")), "schema"),
    "time as a number": (line(example(time=1774746000)), "schema"),
    "no such day": (line(example(time="2026-02-29T01:00:00Z")), "schema"),
    "another content type": (line(example(datacontenttype="text/plain")), "schema"),
    "no data": (line(without(example(), "data")), "schema"),
    "data is an array": (line(example(data=[])), "schema"),
    "no client": (line(without(example(), "data_client")), "schema"),
    "client is null": (line(example(data_client=None)), "schema"),
    "client too long": (line(example(data_client="é" * 201)), "schema"),
    "NUL in a name": (line(example(data_client="a\x00b")), "schema"),
    "line separator in a name": (line(example(data_queue="sales\u2028")), "schema"),
    "C1 control in a name": (line(example(data_queue="sales\x85")), "schema"),
    "line feed at the end of a name": (line(example(data_client="acme\n")), "schema"),
    "line feed at the end of a word": (line(example(data_channel="voice\n")), "schema"),
    "channel in capitals": (line(example(data_channel="Voice")), "schema"),
    "no such direction": (line(example(data_direction="sideways")), "schema"),
    "queued without a queue": (line(without(example(), "data_queue")), "schema"),
    "answered without an agent": (line(example("interaction.answered.v1")), "schema"),
    "left the queue for no reason": (line(example("interaction.left_queue.v1")), "schema"),
    "amount as a number": (line(example("interaction.wrapped_up.v1", data_amount=19.9)), "schema"),
    "amount too fine": (line(example("interaction.wrapped_up.v1", data_amount="0.00001")), "schema"),
    "amount with a line feed": (line(example("interaction.wrapped_up.v1", data_amount="1\n")), "schema"),
    "currency in small letters": (line(example("interaction.wrapped_up.v1", data_currency="eur")), "schema"),
    "flags are null": (line(example("interaction.wrapped_up.v1", data_flags=None)), "schema"),
    "too many flags": (line(example("interaction.wrapped_up.v1", data_flags=["a"] * 21)), "schema"),
    "no such state": (line(example("agent.state_changed.v1", data_agent="anna", data_state="asleep")), "schema"),
    "presence as a sentence": (
        line(example("agent.state_changed.v1", data_agent="anna", data_state="break", data_presence="At lunch")),
        "schema",
    ),
    "language by name": (line(example(DESCRIBED, data_language="German")), "schema"),
    "language with an underscore": (line(example(DESCRIBED, data_language="pt_BR")), "schema"),
    "language with a line feed": (line(example(DESCRIBED, data_language="de\n")), "schema"),
    "language too long": (line(example(DESCRIBED, data_language="de" + "-abcdefgh" * 4)), "schema"),
    "a negative count": (line(example(DESCRIBED, data_items=-1)), "schema"),
    "a fraction for a count": (line(example(DESCRIBED, data_items=1.5)), "schema"),
    "a count with a point": (line(example(DESCRIBED, data_items=1.0)), "schema"),
    "a count with an exponent": (line(example(DESCRIBED, data_items=17)).replace(b"17", b"1e1"), "schema"),
    "a count in quotes": (line(example(DESCRIBED, data_items="1")), "schema"),
    "a truth for a count": (line(example(DESCRIBED, data_items=True)), "schema"),
    "a count too large": (line(example(DESCRIBED, data_items=1_000_000_001)), "schema"),
    "a count beyond every integer": (line(example(DESCRIBED, data_items=10**30)), "schema"),
    "a promise without an offset": (line(example(DESCRIBED, data_promised_at="2026-03-29T01:00:00")), "schema"),
    "a promise in year 9999": (
        line(example(DESCRIBED, data_promised_at="9999-12-31T23:59:59-10:00")),
        "implausible_time",
    ),
    "a promise in 1989": (line(example(DESCRIBED, data_promised_at="1990-01-01T00:59:59+01:00")), "implausible_time"),
    "no such day to keep it": (line(_outcome(due_on="2026-02-29")), "schema"),
    "a moment for a day": (line(_outcome(due_on="2026-03-29T00:00:00Z")), "schema"),
    "a day of the week": (line(_outcome(due_on="2026-W13-7")), "schema"),
    "a day never to come": (line(_outcome(due_on="9999-12-31")), "implausible_time"),
    "no such status": (line(_outcome(status="refunded")), "schema"),
    "quantity is null": (line(_outcome(quantity=None)), "schema"),
    "outcome without a kind": (line(without(_outcome(), "data_kind")), "schema"),
    "no such sender": (line(example("interaction.message_sent.v1", data_sender="supervisor")), "schema"),
    "a role without a change": (
        line(example("interaction.participated.v1", data_agent="zoe", data_role="coach")),
        "schema",
    ),
    "a plan without an end": (
        line(
            example(
                "agent.scheduled.v1",
                data_agent="anna",
                data_schedule="s",
                data_activity="work",
                data_starts_at="2026-03-29T01:00:00Z",
            )
        ),
        "schema",
    ),
    "a report of no segment": (line(without(example("interaction.reported.v1"), "data_segment")), "schema"),
    "less than no milliseconds": (line(example("interaction.reported.v1", data_wait_ms=-1)), "schema"),
    "too many milliseconds": (line(example("interaction.reported.v1", data_wrap_ms=10_000_000_001)), "schema"),
    "half a millisecond": (line(example("interaction.reported.v1", data_talk_ms=0.5)), "schema"),
    "a negative revision": (line(example(data_revision=-1)), "schema"),
    "revision is null": (line(example("interaction.ended.v1", data_revision=None)), "schema"),
    "a revision that JSON readers round": (line(example("interaction.held.v1", data_revision=2**53 + 1)), "schema"),
    "a notice of no kind": (line(without(_notice(), "data_kind")), "schema"),
    "no such kind of notice": (line(_notice(kind="surprise")), "schema"),
    "an adapter with a hyphen": (line(_notice(adapter="queue-log")), "schema"),
    "a gap since year 1": (line(_notice(lost_from="0001-01-01T00:00:00Z")), "implausible_time"),
    "a later version": (line(example("interaction.queued.v2")), "unknown_type"),
    "no such type, nor anything else": (b'{"type": "hello"}', "unknown_type"),
    "1970": (line(example(time="1970-01-01T00:00:00Z")), "implausible_time"),
    "just before 1990": (line(example(time="1990-01-01T00:59:59.999999+01:00")), "implausible_time"),
    "2100": (line(example(time="2100-01-01T00:00:00Z")), "implausible_time"),
    "just too far ahead": (line(example(time="2026-03-29T12:10:00.000001Z")), "implausible_time"),
    "the first day of all": (line(example(time="0001-01-01T00:00:00+10:00")), "implausible_time"),
    "too large": (_spliced(b'"' + b"x" * 262_144 + b'"'), "too_large"),
    "too large and not JSON": (b"x" * 262_145, "too_large"),
}
#: The same, and what only a record of a broker can be.
BAD_RECORDS: dict[str, tuple[bytes, str]] = {**BAD_LINES, "empty": (b"", "undecodable")}


def bad_lines() -> st.SearchStrategy[tuple[bytes, str]]:
    """A line that must be refused at ``NOW``, and the reason; none of the huge ones, which nobody could read."""
    short = [what for what, (bad, _) in BAD_LINES.items() if len(bad) < 1000]
    return st.sampled_from(short).map(BAD_LINES.__getitem__)


@st.composite
def logs(draw: st.DrawFn, max_stories: int = 5, max_bad: int = 4) -> list[bytes]:
    """The lines of a log: valid events in any spelling, each once, with some bad lines behind them."""
    good = [line(event, draw(st.booleans())) for event in draw(event_logs(max_stories))]
    return good + [bad for bad, _ in draw(st.lists(bad_lines(), max_size=max_bad))]


@st.composite
def splits(draw: st.DrawFn, lines: list[bytes], max_batches: int = 6) -> list[list[bytes]]:
    """``lines`` in order, cut into batches, of which some may be empty."""
    places = draw(st.lists(st.integers(0, len(lines)), max_size=max_batches - 1).map(sorted))
    return [lines[start:stop] for start, stop in zip([0, *places], [*places, len(lines)], strict=True)]


@st.composite
def deliveries(draw: st.DrawFn, lines: list[bytes], max_batches: int = 6) -> list[list[bytes]]:
    """``lines`` in any order and some of them several times, cut into batches."""
    repeated = draw(st.lists(st.sampled_from(lines), max_size=len(lines))) if lines else []
    return draw(splits(draw(st.permutations([*lines, *repeated])), max_batches))
