"""A report against the store: every number equal, explained by named causes, or said to be unexplained.

Causes are sought for as much of the report as possible at once, because a report is made by one rule: first for all of
its counts together, then for each other column, then for one queue, and only what is left for a single row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pipeline.centre.vocabulary import hint
from pipeline.domain.moments import to_micros
from pipeline.errors import CallboardError
from pipeline.reconcile.causes import column_causes, shared_causes
from pipeline.reconcile.facts import NOTHING, Facts, Hole
from pipeline.reconcile.findings import Finding, Part, Result, parts_of
from pipeline.reconcile.measures import COUNTS
from pipeline.reconcile.numbers import Reported
from pipeline.reconcile.report import Report, ReportRow, Window
from pipeline.reconcile.rule import Cause
from pipeline.reconcile.search import MOST_TRIALS, CellKey, Search

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_LONGEST_SPAN_HOURS = 8
#: So many numbers must differ before a span that is left out is believed to be the reason.
_LEAST_EVIDENCE = 3
Cells = dict[CellKey, Reported]


class Comparison:
    """The search over one report."""

    def __init__(self, report: Report, facts: Facts) -> None:
        """Nothing is compared yet."""
        self._report = report
        self._facts = facts
        self._search = Search(facts.recompute, NOTHING)
        self._shared = shared_causes(facts.zones)
        self._columns = column_causes()
        self._cells: Cells = {
            (place, measure): reported
            for place, row in enumerate(report.rows)
            for measure, reported in row.numbers.items()
        }
        #: What was accepted for a cell, in the order in which it takes of the difference.
        self._accepted: dict[CellKey, tuple[Cause, ...]] = dict.fromkeys(self._cells, ())
        self._result = Result()

    def run(self) -> Result:
        """Compare and explain.

        Raises:
            CallboardError: the store has nothing at all of what the report is about.
        """
        if not any(self._ours((place, "offered")) for place in range(len(self._report.rows))):
            raise CallboardError(
                f"the store has no contact in any queue and period of {self._report.file}: look at the client, the "
                f"queue names, the dates and the zone that the mapping gives (client {', '.join(self._facts.clients)}: "
                f"{self._known_queues(self._facts.clients[0])})"
            )
        counts = {cell: reported for cell, reported in self._cells.items() if cell[1] in COUNTS}
        # One cause, or one span that the report lacks; only then several causes at once.
        if not self._explain("all counts", counts, self._shared, most=1, everywhere=True, whole=True):
            self._explain_days()
            self._explain("all counts", counts, self._shared, everywhere=True)
        for measure in dict.fromkeys(measure for _, measure in self._cells if measure not in COUNTS):
            column = {cell: reported for cell, reported in self._cells.items() if cell[1] == measure}
            own = [cause for cause in self._columns if cause.measures and measure in cause.measures]
            if not self._explain(measure, column, own):
                self._explain(measure, column, [*own, *self._shared], most=2)
        self._explain_queues()
        self._explain_days(also_single=True)
        self._explain_rows()
        self._result.findings.extend(self._finding(cell) for cell in self._cells)
        self._result.findings.extend(self._rows_not_reported())
        if self._search.cut_short:
            self._result.notes.append(
                f"not every combination of causes was tried: each search ends after {MOST_TRIALS}"
            )
        return self._result

    def _ours(self, cell: CellKey, causes: tuple[Cause, ...] = ()) -> Decimal | None:
        return self._search.value(cell, causes)

    def _open(self, cells: Cells) -> Cells:
        return {
            cell: reported
            for cell, reported in cells.items()
            if not reported.equals(self._ours(cell, self._accepted[cell])) and not reported.equals(self._ours(cell))
        }

    def _explain(
        self, what: str, cells: Cells, causes: list[Cause], most: int = 3, everywhere: bool = False, whole: bool = False
    ) -> bool:
        """Seek causes for these cells together; accept what is found. Whether nothing is open after it."""
        if not self._open(cells):
            return True
        found = self._search.find(cells, self._accepted, causes, most, whole)
        if found is None:
            return False
        self._result.accepted.append((what, found.causes, found.alternatives))
        for cell in self._cells if everywhere else cells:
            self._accepted[cell] = (*self._accepted[cell], *found.causes)
        return found.complete

    def _explain_queues(self) -> None:
        """One queue may have other settings in the source than the rest."""
        places = dict.fromkeys((row.client, row.queue) for row in self._report.rows)
        for client, queue in places:
            rows = {n for n, row in enumerate(self._report.rows) if (row.client, row.queue) == (client, queue)}
            if len(rows) < 2 or len(places) < 2:  # noqa: PLR2004  else it is a row, or the report
                continue
            for counted in (True, False):
                cells = {c: r for c, r in self._cells.items() if c[0] in rows and (c[1] in COUNTS) == counted}
                for measure in [None] if counted else dict.fromkeys(c[1] for c in cells):
                    chosen = {c: r for c, r in cells.items() if measure in (None, c[1])}
                    causes = self._shared if counted else [*self._columns, *self._shared]
                    self._explain(f"queue {queue}", chosen, causes, most=2)

    def _explain_days(self, also_single: bool = False) -> None:
        """A span of a day that the report lacks, of all queues at once or, at the end, of one of them."""
        for window in dict.fromkeys(row.window for row in self._report.rows):
            rows = {place for place, row in enumerate(self._report.rows) if row.window == window}
            self._lacking({cell: number for cell, number in self._cells.items() if cell[0] in rows}, window)
            for place in rows if also_single else ():
                self._lacking({cell: number for cell, number in self._cells.items() if cell[0] == place}, window)

    def _lacking(self, cells: Cells, window: Window) -> None:
        """The one span of whole hours without which every number of ``cells`` is equal, if there is one.

        If there are two of the same length nobody knows which of them it was, and chance may have made them fit.
        """
        if len(self._open(cells)) < _LEAST_EVIDENCE:
            return
        spans = _spans(window, self._report.zone)
        for length in dict.fromkeys(length for length, _ in spans):
            fitting = [
                cause
                for of_length, cause in spans
                if of_length == length
                and all(
                    number.equals(self._ours(cell, (*self._accepted[cell], cause))) for cell, number in cells.items()
                )
            ]
            if len(fitting) == 1:
                for cell in cells:
                    self._accepted[cell] = (*self._accepted[cell], fitting[0])
                queues = dict.fromkeys(self._report.rows[place].queue for place, _ in cells)
                self._result.accepted.append((f"{', '.join(queues)} {window.text}", (fitting[0],), ()))
            if fitting:
                return

    def _explain_rows(self) -> None:
        """What is left: records that the store lacks; or one cause in all numbers of a row.

        A rule of its own for one day of a queue would be chance: there only missing records are tried.
        """
        of_queues = [cause for cause in [*self._shared, *self._columns] if cause.kind != "time_zone"]
        of_days = [cause for cause in of_queues if cause.kind == "missing_records"]
        rows = Counter((row.client, row.queue) for row in self._report.rows)
        for place, row in enumerate(self._report.rows):
            cells = {cell: reported for cell, reported in self._cells.items() if cell[0] == place}
            if not self._open(cells):
                continue
            hole = self._hole(row)
            if hole is not None and not self._ours((place, "offered")):
                cause = Cause("missing_records", hole)
                for cell in self._open(cells):
                    self._accepted[cell] = (cause,)
                self._result.accepted.append((f"{row.queue} {row.window.text}", (cause,), ()))
            else:
                causes = of_queues if rows[row.client, row.queue] == 1 else of_days
                self._explain(f"{row.queue} {row.window.text}", cells, causes, most=1, whole=True)

    def _hole(self, row: ReportRow) -> str | None:
        """Why the store can have nothing of a whole row, if it is known."""
        window = row.window
        if row.queue not in self._facts.queues(row.client):
            return None
        for hole in self._facts.holes:
            if hole.client == row.client and hole.start_at is not None:
                if hole.start_at <= window.start_at and hole.stop_at >= window.stop_at:
                    return f"the store has nothing of {window.text}: {hole.text}"
        if self._facts.silent(row.client, window):
            return f"the store has no event of any contact of {row.client} in {window.text}"
        return None

    def _finding(self, cell: CellKey) -> Finding:
        place, measure = cell
        row, reported, ours = self._report.rows[place], self._cells[cell], self._ours(cell)
        about = (row.client, row.queue, row.window.text, measure, reported.value, ours)
        if reported.equals(ours):
            return Finding(*about, "equal")
        causes = self._accepted[cell]
        difference = reported.value - (ours or Decimal(0))
        if len(causes) == 1 and not causes[0].change:
            return Finding(*about, "explained", (Part(causes[0].kind, causes[0].text, difference),))
        steps = [(cause, self._ours(cell, causes[: number + 1])) for number, cause in enumerate(causes)]
        after = steps[-1][1] if steps else ours
        if reported.equals(after):
            return Finding(*about, "explained", parts_of(ours, steps))
        left = reported.value - (after or Decimal(0))
        if abs(left) >= abs(difference):
            return Finding(*about, "unexplained", (), difference, tuple(self._hints(row)))
        return Finding(*about, "unexplained", parts_of(ours, steps), left, tuple(self._hints(row)))

    def _hints(self, row: ReportRow) -> Iterable[str]:
        """What may lie behind a difference, though no number proves it."""
        window = row.window
        queues = self._facts.queues(row.client)
        if row.queue not in queues:
            yield f"the store has no queue {row.queue!r} of {row.client}: {hint(row.queue, queues)}"
        for hole in self._facts.holes:
            if hole.client == row.client and _touches(hole, window):
                yield f"{hole.text}, until {hole.stop_at.astimezone(self._report.zone):%H:%M}"
        unended = self._facts.unended(row.client, row.queue, window)
        if unended:
            yield f"{unended} passes have no end in the store"
        if self._facts.letters:
            yield f"{self._facts.letters} dead letters: 'callboard dead-letters' lists them"

    def _known_queues(self, client: str) -> str:
        queues = self._facts.queues(client)
        return f"it has the queues {', '.join(queues)}" if queues else "it has no queue"

    def _rows_not_reported(self) -> Iterable[Finding]:
        """Periods of the days of the report about which it has no row although contacts came in them."""
        zone = self._report.zone
        by_place: dict[tuple[str, str], list[Window]] = {}
        for row in self._report.rows:
            by_place.setdefault((row.client, row.queue), []).append(row.window)
        first = datetime.combine(min(row.window.start for row in self._report.rows).date(), time())
        last = datetime.combine(max(row.window.stop for row in self._report.rows) - timedelta(microseconds=1), time())
        start_at = first.replace(tzinfo=zone)
        stop_at = (last + _DAY).replace(tzinfo=zone)
        for (client, queue), windows in by_place.items():
            position = to_micros(start_at)
            ends = [(to_micros(w.start_at), to_micros(w.stop_at)) for w in sorted(windows, key=lambda w: w.start_at)]
            for start, stop in [*ends, (to_micros(stop_at), to_micros(stop_at))]:
                if position < start:
                    finding = self._not_reported(client, queue, position, start)
                    if finding is not None:
                        yield finding
                position = max(position, stop)

    def _not_reported(self, client: str, queue: str, start_us: int, stop_us: int) -> Finding | None:
        zone = self._report.zone
        start, stop = (datetime.fromtimestamp(us / 1_000_000, zone) for us in (start_us, stop_us))
        offered = Decimal(self._facts.passes(client, queue, start, stop))
        if not offered:
            return None
        text = f"{start:%Y-%m-%d %H:%M}-{stop:%H:%M}" if stop - start < _DAY else f"{start:%Y-%m-%d} to {stop:%Y-%m-%d}"
        part = Part("missing_records", "the report has no row about it", -offered)
        return Finding(client, queue, text, "offered", None, offered, "explained", (part,))


def _spans(window: Window, zone: ZoneInfo) -> list[tuple[int, Cause]]:
    """Each span of whole hours that a report about a longer period may lack, and its hours; the shortest first."""
    if window.stop - window.start <= _HOUR:
        return []
    marks = [window.start_at]
    while marks[-1] < window.stop_at:
        marks.append(marks[-1] + _HOUR)
    return [
        (
            hours,
            Cause(
                "missing_records",
                f"the report lacks {start.astimezone(zone):%H:%M}-{stop.astimezone(zone):%H:%M}",
                {"without_us": (to_micros(start), to_micros(stop))},
            ),
        )
        for hours in range(1, min(_LONGEST_SPAN_HOURS, len(marks) - 2) + 1)
        for start, stop in zip(marks, marks[hours:], strict=False)
    ]


def _touches(hole: Hole, window: Window) -> bool:
    return (hole.start_at or hole.stop_at) < window.stop_at and hole.stop_at >= window.start_at


def reconcile(report: Report, facts: Facts) -> Result:
    """Compare a report with the store's facts. Raises CallboardError if they have nothing in common."""
    return Comparison(report, facts).run()
