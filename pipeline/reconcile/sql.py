"""A rule as SQL over the ``entries`` and ``windows`` of ``facts``: what each row of the report would say under it.

All text is ours: names of the catalogue and words of ``Rule``. Numbers are parameters.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.kpis.catalogue import catalogue
from pipeline.kpis.measures import seconds
from pipeline.kpis.settings import limit_us
from pipeline.reconcile.measures import COUNTED, FORMULAS, SERVICE_LEVEL
from pipeline.reconcile.rule import Rule

_ENDED = "coalesce(ended_at, handle_ended_at, wait_ended_at, queued_at)"
_MOMENTS = {"queued": "queued_at", "wait_ended": "coalesce(wait_ended_at, queued_at)", "ended": _ENDED}
_PASSES = {"every": "true", "first": "pass_no = 1", "last": "passes_after = 0", "first_in_queue": "pass_in_queue = 1"}
_WAITS = {"queue": "wait_us", "alert": "coalesce(alert_wait_us, wait_us)", "contact": "contact_wait_us"}
_HANDLING = {
    "all": ("talk_us", "hold_us", "wrap_us"),
    "without_wrap": ("talk_us", "hold_us", "0"),
    "without_hold": ("talk_us", "0", "wrap_us"),
    "talk": ("talk_us", "0", "0"),
    "with_ring": ("talk_us + coalesce(ring_us, 0)", "hold_us", "wrap_us"),
}
#: Of counted passes. Those that are no calls at all are not among them.
_COUNTS = {
    "offered": "count(*)",
    "answered": "count(*) FILTER (outcome = 'answered')",
    "abandoned": "count(*) FILTER (outcome = 'abandoned' AND NOT (short AND behaviour = 'not_abandoned'))",
    "short_abandoned": "count(*) FILTER (short)",
    "short_excluded": "count(*) FILTER (short AND behaviour = 'excluded')",
    **{
        f"left_{reason}": f"count(*) FILTER (outcome = 'left' AND left_reason = '{reason}')"
        for reason in ("timeout", "key", "closed", "callback")
    },
    "answered_in_target": "count(*) FILTER (outcome = 'answered' AND in_time)",
    **{
        f"wait_seconds_{outcome}": f"coalesce(sum({seconds('wait_us')}) FILTER (outcome = '{outcome}'), 0)"
        for outcome in ("answered", "abandoned", "left")
    },
    "handled": "count(handle_ended_at)",
    **{f"{name}_seconds": f"coalesce(sum({seconds(f'{name}_us')}), 0)" for name in ("talk", "hold", "wrap")},
    "held": "count(*) FILTER (holds > 0)",
    "transferred": "count(*) FILTER (outcome = 'answered' AND transferred_at IS NOT NULL)",
    "longest_wait_seconds": f"max({seconds('wait_us')})",
}
_WITHOUT = "AND NOT (epoch_us(queued_at) >= $without_from AND epoch_us(queued_at) < $without_to)"
#: What service level counts is without the short abandons that the settings leave out of it.
_SERVICED = "NOT (short AND behaviour <> 'counted')"
_TERMS = catalogue().terms
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def _outcome(rule: Rule) -> str:
    """What a pass came to, under the rule; ``gone`` is not counted at all, ``neither`` is offered and no more."""
    cases = []
    word: str
    if rule.unended != "offered":
        word = "gone" if rule.unended == "not_offered" else rule.unended
        cases.append(f"WHEN outcome = 'waiting' THEN '{word}'")
    if rule.callbacks:
        word = "gone" if rule.callbacks == "not_offered" else rule.callbacks
        cases.append(f"WHEN outcome = 'left' AND left_reason = 'callback' THEN '{word}'")
    if rule.flow_outs:
        reasons = "'timeout', 'closed'" if rule.flow_outs == "abandoned_but_keys" else "'timeout', 'closed', 'key'"
        word = "gone" if rule.flow_outs == "not_offered" else "abandoned"
        cases.append(f"WHEN outcome = 'left' AND left_reason IN ({reasons}) THEN '{word}'")
    if rule.ringing:
        word = "gone" if rule.ringing == "not_offered" else "neither"
        cases.append(f"WHEN outcome = 'abandoned' AND ringing THEN '{word}'")
    return f"CASE {' '.join(cases)} ELSE outcome END" if cases else "outcome"


def _level(part: str) -> str:
    """The numerators or denominators of all definitions, each for the passes that count by it."""
    cases = " ".join(
        f"WHEN '{d.name}' THEN {_NAME.sub(lambda match: f'term_{match[0]}', getattr(d, part))}"
        for d in catalogue().definitions
    )
    return f"sum(CASE definition {cases} END)"


def recompute_sql(rule: Rule, levels: bool) -> tuple[str, dict[str, Any]]:
    """A query for (row_no, one column per name in ``names_of(levels)``), and its parameters.

    A row of the report about which nothing is known is not in the result.
    """
    wait = _WAITS[rule.wait]
    talk, hold, wrap = _HANDLING[rule.handling]
    cut = f"({wait}) - ({wait}) % 1000000" if rule.whole_seconds else wait
    query = f"""
WITH passes AS (
  SELECT * REPLACE ({_outcome(rule)} AS outcome, {cut} AS wait_us, {talk} AS talk_us, {hold} AS hold_us,
      {wrap} AS wrap_us, coalesce($definition, definition) AS definition,
      coalesce($threshold_us, threshold_us) AS threshold_us, coalesce($inclusive, inclusive) AS inclusive,
      coalesce($short_us, short_us) AS short_us, coalesce($short, behaviour) AS behaviour),
    {_MOMENTS[rule.counted_at]} AS counted_at
  FROM entries
  WHERE (with_letters IS NULL OR with_letters = $dead_letters) AND {_PASSES[rule.passes]}
    {"" if rule.without_us is None else _WITHOUT}),
judged AS (
  SELECT *, wait_us <= {limit_us("threshold_us", "inclusive")} AS in_time, wait_us < threshold_us AS in_less,
    coalesce(outcome = 'abandoned' AND wait_us <= short_us, false) AS short,
    false AS include_flow_outs, false AS include_short_abandons, true AS include_abandons
  FROM passes WHERE outcome <> 'gone'),
counted AS (
  SELECT row_no, judged.*
  FROM judged JOIN windows ON judged.client = windows.client AND judged.queue = windows.queue
    AND windows.zone = $zone AND counted_at >= start_at AND counted_at < stop_at
  WHERE NOT (short AND behaviour = 'not_offered')
    AND ($zero_waits OR NOT (outcome = 'answered' AND wait_us = 0)))
{_levels() if levels else _counts()}
"""
    parameters: dict[str, Any] = {
        "definition": rule.definition,
        "threshold_us": rule.threshold_us,
        "inclusive": rule.inclusive,
        "short_us": rule.short_us,
        "short": rule.short,
        "dead_letters": rule.dead_letters,
        "zone": rule.zone,
        "zero_waits": rule.zero_waits,
    }
    if rule.without_us is not None:
        parameters |= {"without_from": rule.without_us[0], "without_to": rule.without_us[1]}
    return query, parameters


def names_of(levels: bool) -> list[str]:
    """The measures that ``recompute_sql`` gives; service level has a query of its own, for it takes twice as long."""
    return [SERVICE_LEVEL] if levels else [*COUNTED, *FORMULAS]


def _counts() -> str:
    formulas = ", ".join(f"{sql} AS {name}" for name, sql in FORMULAS.items())
    return f"""
SELECT row_no, {", ".join(COUNTED)}, {formulas}
FROM (
  SELECT row_no, {", ".join(f"{_COUNTS[name]} AS {name}" for name in COUNTED)}
  FROM counted GROUP BY row_no)"""


def _levels() -> str:
    """Over passes that count by different definitions, as a contract does."""
    terms = ",\n    ".join(f"count(*) FILTER (({term.where}) AND {_SERVICED}) AS term_{term.name}" for term in _TERMS)
    return f"""
SELECT row_no, {_level("numerator")} / nullif({_level("denominator")}, 0) AS {SERVICE_LEVEL}
FROM (
  SELECT row_no, definition,
    {terms}
  FROM counted GROUP BY ALL)
GROUP BY row_no"""
