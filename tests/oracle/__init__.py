"""The oracle: what the numbers must be, computed a second time by other means.

Everything callboard publishes can be computed from the raw event lines alone. This package does that with plain lists,
dictionaries and loops, and shares no code with ``pipeline``: not the contract, not a constant, not an SQL statement.
It imports the standard library only (a test holds that), so an error in the pipeline cannot hide in here as well.

Read it in this order:

=================  ====================================================================================================
module             what it says
=================  ====================================================================================================
``contract``       when a line is an event, and why it is refused otherwise
``model``          the shapes of the facts: segment, interaction, agent span, KPI cell
``segments``       what the events of one segment, and of one interaction, amount to
``agents``         an agent's spans, state at a moment, and occupancy
``details``        what is said besides: each event a row of its own
``judgement``      what a queue's settings make of a wait: in time, short, counted or not
``kpis``           what a set of segments amounts to: counts, sums, service levels, percentiles, a queue at a moment
``definitions``    service level under every name, over a window and rolling at a moment
``dimensions``     the counts by local hours and days, attributes of the queue, agents and teams
``log``            lines in any order, with repetitions and bad ones, to all of the facts
``differences``    two sets of rows compared, each difference in words
``views``          a published ``live.duckdb`` against the facts: every fixed view
``macros``         the same for the table macros, at any window and moment
``areas``          the KPIs beyond the queue, a module for each area, and their macros
=================  ====================================================================================================

Typical use::

    truth = oracle.facts(lines, now)
    assert oracle.compare(connection, truth) == []

Times are aware UTC datetimes, exact to the microsecond. Seconds and money are exact ``Decimal``, ratios exact
``Fraction``. ``None`` is SQL's NULL.
"""

from __future__ import annotations

from .agents import agent_now, occupancy
from .contract import Rejected, classify
from .definitions import Switches, rules_for, service_level_now, service_levels
from .dimensions import kpi_by_agent, kpi_by_attribute, kpi_local
from .judgement import Rules
from .kpis import (
    kpi_between,
    measure,
    per_hour,
    percentile,
    queue_now,
    service_level,
    waits,
    within_histogram_bound,
)
from .log import facts
from .macros import compare_definitions, compare_macros
from .model import AgentSpan, Cell, Event, Facts, Interaction, QueueSettings, Segment
from .views import compare

__all__ = [
    "AgentSpan",
    "Cell",
    "Event",
    "Facts",
    "Interaction",
    "QueueSettings",
    "Rejected",
    "Rules",
    "Segment",
    "Switches",
    "agent_now",
    "classify",
    "compare",
    "compare_definitions",
    "compare_macros",
    "facts",
    "kpi_between",
    "kpi_by_agent",
    "kpi_by_attribute",
    "kpi_local",
    "measure",
    "occupancy",
    "per_hour",
    "percentile",
    "queue_now",
    "rules_for",
    "service_level",
    "service_level_now",
    "service_levels",
    "waits",
    "within_histogram_bound",
]
