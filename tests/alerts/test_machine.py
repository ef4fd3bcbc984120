"""The state machine: judged minute by minute by another hand, in pieces, and after restarts, it says the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.machine import IDLE, Change, Hold, Run, Watch, advance, spans

START = 1_000
#: Short stretches of a kind, so that many are broken off just before they would have lasted long enough.
_STRETCH = st.tuples(st.sampled_from(["good", "breach", "breach", "good", "between"]), st.integers(1, 4))
KINDS = st.lists(_STRETCH, min_size=1, max_size=20).map(lambda parts: [kind for kind, n in parts for _ in range(n)])
HOLDS = st.builds(Hold, st.integers(0, 3), st.integers(0, 4), st.booleans())


def value_of(minute: int) -> float:
    """Some value of a minute: not in order, so that the worst is not the last."""
    return float(minute * 7 % 13)


def runs_of(kinds: list[str], start: int = START) -> list[Run]:
    found: list[Run] = []
    for number, kind in enumerate(kinds):
        minute = start + number
        if kind == "good":
            continue
        if found and found[-1].kind == kind and found[-1].last == minute - 1:
            found[-1] = Run(found[-1].kind, found[-1].first, (*found[-1].values, value_of(minute)))
        else:
            found.append(Run(kind, minute, (value_of(minute),)))  # type: ignore[arg-type]
    return found


def told(kinds: list[str], hold: Hold) -> list[tuple[str, int]]:
    """By another hand: looks back from each minute."""
    found: list[tuple[str, int]] = []
    is_open, last = False, -1
    for number, kind in enumerate(kinds):
        if not is_open and kind == "breach":
            begin = number
            while begin - 1 > last and kinds[begin - 1] == "breach":
                begin -= 1
            if number - begin >= hold.raise_minutes:
                is_open, last = True, number
                found.append(("raised", START + number))
        elif is_open and kind == "good":
            begin = number
            while begin - 1 > last and kinds[begin - 1] == "good":
                begin -= 1
            if number - begin >= hold.clear_minutes:
                is_open, last = False, number
                found.append(("cleared", START + number))
    return found


def changed(changes: list[Change]) -> list[tuple[str, int]]:
    return [(change.kind, change.minute) for change in changes]


@given(KINDS, HOLDS)
def test_it_says_what_a_look_at_every_minute_says(kinds: list[str], hold: Hold) -> None:
    _, changes = advance(IDLE, runs_of(kinds), START, START + len(kinds), hold)
    assert changed(changes) == told(kinds, hold)


@given(KINDS, HOLDS, st.data())
def test_pieces_and_restarts_give_the_same_alerts(kinds: list[str], hold: Hold, data: st.DataObject) -> None:
    whole, changes = advance(IDLE, runs_of(kinds), START, START + len(kinds), hold)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(kinds) - 1)))))
    watch, pieces, begin = IDLE, [], 0
    for end in [*[cut for cut in cuts if cut < len(kinds)], len(kinds)]:
        # What is remembered goes through the tables of the state: five numbers.
        watch = Watch(watch.since, watch.raised, watch.good_since, watch.value, watch.peak)
        watch, more = advance(watch, runs_of(kinds[begin:end], START + begin), START + begin, START + end, hold)
        pieces += more
        begin = end
    assert pieces == changes
    assert watch == whole


@given(KINDS, HOLDS)
def test_alerts_of_one_subject_do_not_overlap_and_know_their_worst(kinds: list[str], hold: Hold) -> None:
    stop = START + len(kinds)
    watch, changes = advance(IDLE, runs_of(kinds), START, stop, hold)
    before = START - 1
    for raised, cleared in spans(changes, watch):
        assert raised.minute > before
        before = stop if cleared is None else cleared
        since = raised.watch.since
        assert since is not None
        seen = [value_of(minute) for minute in range(since, before) if kinds[minute - START] != "good"]
        assert raised.watch.peak == hold.worst(seen)
        assert raised.minute - since >= hold.raise_minutes


def test_a_value_that_swings_around_the_threshold_does_not_blink() -> None:
    """Hysteresis: between the two limits an open alert stays, and none is raised."""
    swinging = ["breach", "between"] * 10
    watch, changes = advance(IDLE, runs_of(swinging), START, START + 20, Hold(0, 0, True))
    assert changed(changes) == [("raised", START)]
    assert watch.is_open
    assert advance(IDLE, runs_of(["between"] * 20), START, START + 20, Hold(0, 0, True)) == (IDLE, [])


def test_hold_down_in_seconds_is_whole_minutes_rounded_up() -> None:
    assert Hold.of_seconds(0, 1, is_upper=True) == Hold(0, 1, True)
    assert Hold.of_seconds(60, 61, is_upper=True) == Hold(1, 2, True)
