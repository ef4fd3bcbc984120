"""A floor of ten lines of two clients at one moment of a working day, made of a seed, with its open alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.alerts.asking import StoreQuestions
from pipeline.alerts.evaluate import Evaluator
from pipeline.alerts.parse import read_rules
from pipeline.alerts.state import AlertState
from pipeline.centre.kept import apply_centre
from pipeline.clock import ManualClock
from pipeline.simulate.centre import Centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.disturb import Disturbance, disturb, to_record
from pipeline.simulate.lines import line_centre
from pipeline.simulate.simulation import simulate
from pipeline.store.layout import StoreLayout
from pipeline.store.process import FileProcessor

#: A Friday afternoon in Berlin, in the middle of a quarter of an hour.
MOMENT = datetime(2026, 3, 6, 14, 38, 20, tzinfo=UTC)
SEED = 7
_RULES = Path(__file__).parents[2] / "pipeline" / "alerts" / "example.yaml"
_OTHER_LINES = ("surveys", "fund-raising")


def centre(scale: float) -> Centre:
    """The demo's centre with the lines of business that it lacks."""
    whole = default_centre(scale)
    others = [line_centre(line).scaled(scale) for line in _OTHER_LINES]
    return replace(
        whole,
        queues=(*whole.queues, *(queue for other in others for queue in other.queues)),
        groups=(*whole.groups, *(group for other in others for group in other.groups)),
        flags={**whole.flags, **{name: flags for other in others for name, flags in other.flags.items()}},
        aftermath_days=max(other.aftermath_days for other in others),
    )


def make(folder: Path, hours: float, scale: float) -> Path:
    """A store that was published half a second before ``MOMENT``, after so many hours of work."""
    floor = centre(scale)
    apply_centre(StoreLayout(folder), centre_yaml(floor), "centre.yaml")
    events = simulate(floor, SEED, MOMENT - timedelta(hours=hours), hours, aftermath=True)
    records = map(to_record, (event for event in events if event.time < MOMENT))
    spoiled = disturb(records, SEED, Disturbance(duplicates=0.004, late=0.002, late_seconds=240, bad=0.001))
    lines = [record.value.replace(b"\n", b" ") for record in spoiled]
    with FileProcessor(folder, ManualClock(MOMENT - timedelta(milliseconds=500))) as processor:
        processor.process(lines)
    _judge(folder)
    return folder


def _judge(folder: Path) -> None:
    """Every minute of the last half hour, as the evaluator would have done."""
    content = read_rules(_RULES)
    state, questions = AlertState(folder), StoreQuestions(folder)
    try:
        state.take_file(content.rules, {}, MOMENT)
        evaluator = Evaluator(state, questions)
        for minutes in range(30, -1, -1):
            evaluator.turn(content.rules, MOMENT - timedelta(minutes=minutes))
    finally:
        questions.close()
        state.close()
