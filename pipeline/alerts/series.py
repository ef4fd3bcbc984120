"""The SQL of a measure for a whole span at once: (moment, client, subject, value) for each minute of [$start, $stop).

The same text answers for the last minute and for ninety days, so a rule is tried on the past by one query, and what it
would have done is what it does. ``moment`` is a whole minute, and the value is what the store's own macro says at that
moment (a test holds it for every measure). No row: there is nothing to say, such as nobody waiting.

Parameters: ``$start``, ``$stop`` (moments), ``$per``, ``$client``, ``$subject`` (NULL: all), ``$window_minutes``.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from pipeline.alerts.measures import MEASURES
from pipeline.kpis.settings import (
    BEHAVIOUR,
    INCLUSIVE,
    SHORT_US,
    THRESHOLD_US,
    join_settings,
    limit_us,
    minute_of,
)

#: Minutes are whole numbers since 1970: what holds at a moment t holds from the first minute at or after t.
_FUNCTIONS = {
    "next_minute": "((epoch_us({}) + 59999999) // 60000000)",
    "next_minute_us": "((({}) + 59999999) // 60000000)",
    "minute_after": "(epoch_us({}) // 60000000 + 1)",
    "at_minute": "make_timestamptz(({}) * 60000000)",
}
_BOUNDS = (
    "WITH bounds AS (SELECT next_minute($start::TIMESTAMPTZ) AS first_minute, "
    "next_minute($stop::TIMESTAMPTZ) AS last_minute)"
)
#: Measures that judge each wait by its queue's settings.
_JUDGED = ("service_level", "abandonment_rate")


@cache
def series_sql(measure: str) -> str:
    """The text for a measure of the list; ``KeyError`` for any other name."""
    known = MEASURES[measure]
    text = _file(measure)
    if known.form == "intervals":
        value = "part / whole" if known.unit == "ratio" else "part"
        text = f"{text},\n{_file('intervals').replace('{value}', value)}"
    if measure in _JUDGED:
        text = f"{_decided()}\n{text}"
    between = "\n" if text.startswith("SELECT") else ",\n"
    text = f"{_BOUNDS}{between}{text}"
    return _written_out(text)


def _decided() -> str:
    return (
        _file("decided")
        .replace("{limit}", limit_us(THRESHOLD_US, INCLUSIVE))
        .replace("{short}", SHORT_US)
        .replace("{behaviour}", BEHAVIOUR)
        .replace("{settings}", join_settings("segments", minute_of("segments.queued_at")))
    )


def _file(name: str) -> str:
    text = resources.files("pipeline.alerts").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.strip().splitlines() if not line.lstrip().startswith("--"))


def _written_out(text: str) -> str:
    """Each of our functions replaced by what it stands for: the store has no macros for them."""
    pattern = re.compile(rf"\b({'|'.join(_FUNCTIONS)})\(")
    while found := pattern.search(text):
        end = _closing(text, found.end())
        inner = text[found.end() : end]
        text = text[: found.start()] + _FUNCTIONS[found[1]].format(inner) + text[end + 1 :]
    return text


def _closing(text: str, start: int) -> int:
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError("a bracket is not closed")
