"""alerts.sqlite: what the evaluator knows, what people have said of it, and what is still to be told.

One evaluator writes what it finds; the boards write acknowledgements and rules. SQLite's log (WAL) lets them. Whatever
belongs together is one transaction: an alert is never without the deliveries that it owes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.alerts.asking import Subject
from pipeline.alerts.machine import Watch
from pipeline.alerts.rule import Rule
from pipeline.alerts.schema import SCHEMA, VERSION
from pipeline.errors import CallboardError
from pipeline.settings import Settings

FILE = "alerts.sqlite"
_BUSY_SECONDS = 10.0
Row = Mapping[str, Any]


def state_folder(settings: Settings) -> Path:
    """Where alerts.sqlite is: in the store's folder, unless the setting ``alerts_folder`` names another."""
    return (settings.alerts_folder or settings.store).resolve()


def stamp(moment: datetime) -> str:
    """A moment as the tables have it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class AlertState:
    """A connection to the state. For one thread at a time; open one for each."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is made if it is not there.

        Raises:
            CallboardError: it cannot be written, or the file is of another version.
        """
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._con = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._con.row_factory = sqlite3.Row
            self._con.execute("PRAGMA journal_mode = WAL")
            self._con.execute("PRAGMA synchronous = FULL")
            self._con.execute("PRAGMA foreign_keys = ON")
            ((version,),) = self._con.execute("PRAGMA user_version").fetchall()
            if version not in (0, VERSION):
                raise CallboardError(f"{self.path} is of another version of callboard ({version}); move it away")
            if version == 0:
                self._con.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        except (sqlite3.Error, OSError) as error:
            raise CallboardError(f"the alerts in {self.path} cannot be opened: {error}") from None

    def close(self) -> None:
        """Let the file go."""
        self._con.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        try:
            self._con.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise CallboardError(f"the alerts in {self.path} cannot be written: {error}") from None
        try:
            yield
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        self._con.execute("COMMIT")

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a query of ours."""
        try:
            return [dict(row) for row in self._con.execute(sql, dict(values or {})).fetchall()]
        except sqlite3.Error as error:
            raise CallboardError(f"the alerts in {self.path} cannot be read: {error}") from None

    def change(self, sql: str, values: Mapping[str, Any]) -> int:
        """Run a statement of ours; how many rows it changed."""
        try:
            return self._con.execute(sql, dict(values)).rowcount
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise CallboardError(f"the alerts in {self.path} cannot be written: {error}") from None

    # What is watched.

    def progress(self) -> dict[str, Row]:
        """For each rule: its revision, and the minute up to which it is judged."""
        return {row["rule"]: row for row in self.rows("SELECT * FROM progress")}

    def note_progress(self, rule: str, revision: str, judged_to: int, problem: str | None = None) -> None:
        """Say how far a rule is judged."""
        self.change(
            "INSERT INTO progress VALUES (:rule, :revision, :judged_to, :problem) ON CONFLICT (rule) DO UPDATE "
            "SET revision = :revision, judged_to = :judged_to, problem = :problem",
            {"rule": rule, "revision": revision, "judged_to": judged_to, "problem": problem},
        )

    def watches(self, rule: str) -> dict[Subject, Watch]:
        """What is remembered of each subject of a rule."""
        found = self.rows("SELECT * FROM watches WHERE rule = :rule", {"rule": rule})
        return {
            Subject(row["client"], row["subject"]): Watch(
                row["since"], row["raised"], row["good_since"], row["value"], row["peak"]
            )
            for row in found
        }

    def keep_watch(self, rule: str, subject: Subject, watch: Watch) -> None:
        """Remember it, or forget the subject if there is nothing to remember."""
        where = {"rule": rule, "client": subject.client, "subject": subject.name}
        self.change("DELETE FROM watches WHERE rule = :rule AND client IS :client AND subject IS :subject", where)
        if not watch.is_idle:
            self.change(
                "INSERT INTO watches VALUES (:rule, :client, :subject, :since, :raised, :good_since, :value, :peak)",
                {
                    **where, "since": watch.since, "raised": watch.raised, "good_since": watch.good_since,
                    "value": watch.value, "peak": watch.peak,
                },
            )  # fmt: skip

    # Rules and targets.

    def rules(self) -> dict[str, tuple[Rule, Row]]:
        """Every rule by its name, with where it comes from."""
        found = self.rows("SELECT * FROM rules ORDER BY name")
        return {row["name"]: (Rule.model_validate_json(row["document"]), row) for row in found}

    def take_file(self, rules: Mapping[str, Rule], targets: Mapping[str, str], now: datetime) -> None:
        """Put the rules and the names of the targets of alerts.yaml in place of those of before.

        Raises:
            CallboardError: a rule of that name was made by form.
        """
        with self.transaction():
            made = {row["name"] for row in self.rows("SELECT name FROM rules WHERE source = 'form'")}
            if both := sorted(made & rules.keys()):
                raise CallboardError(f"rule {both[0]} was made on the board too: give the one in the file another name")
            self.change("DELETE FROM rules WHERE source = 'file'", {})
            self.change("DELETE FROM targets", {})
            for name, rule in rules.items():
                self._insert_rule(name, rule, "file", "", now)
            for name, kind in targets.items():
                self.change("INSERT INTO targets VALUES (:name, :kind)", {"name": name, "kind": kind})

    def keep_rule(self, name: str, rule: Rule, by: str, now: datetime) -> None:
        """Keep a rule that was made or changed by form.

        Raises:
            CallboardError: one of that name comes from alerts.yaml.
        """
        with self.transaction():
            if self.rows("SELECT 1 FROM rules WHERE name = :name AND source = 'file'", {"name": name}):
                raise CallboardError(f"rule {name} comes from alerts.yaml: change it there, or choose another name")
            self.change("DELETE FROM rules WHERE name = :name", {"name": name})
            self._insert_rule(name, rule, "form", by, now)

    def _insert_rule(self, name: str, rule: Rule, source: str, by: str, now: datetime) -> None:
        self.change(
            "INSERT INTO rules VALUES (:name, :source, :document, :by, :now)",
            {"name": name, "source": source, "document": rule.model_dump_json(), "by": by, "now": stamp(now)},
        )

    # Alerts.

    def add_alert(self, values: Row) -> bool:
        """A new alert; false if it is known: the same minutes were judged before."""
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        return self.change(f"INSERT OR IGNORE INTO alerts ({names}) VALUES ({marks})", values) == 1  # noqa: S608

    def open_alert(self, rule: str, subject: Subject) -> Row | None:
        """The open alert of a rule on a subject."""
        found = self.rows(
            "SELECT * FROM alerts WHERE rule = :rule AND client IS :client AND subject IS :subject "
            "AND cleared_at IS NULL",
            {"rule": rule, "client": subject.client, "subject": subject.name},
        )
        return found[0] if found else None

    def acknowledge(self, alert: str, by: str, note: str, now: datetime) -> None:
        """Somebody has taken the alert on.

        Raises:
            CallboardError: there is none, somebody else has, or it has cleared.
        """
        with self.transaction():
            found = self.rows("SELECT * FROM alerts WHERE id = :id", {"id": alert})
            if not found:
                raise CallboardError(f"there is no alert {alert}: 'callboard alerts list' has them")
            if found[0]["acknowledged_by"] is not None:
                raise CallboardError(f"{found[0]['acknowledged_by']} has acknowledged this alert already")
            if found[0]["cleared_at"] is not None:
                raise CallboardError("this alert has cleared already: there is nothing to acknowledge")
            self.change(
                "UPDATE alerts SET acknowledged_at = :now, acknowledged_by = :by, note = :note WHERE id = :id",
                {"now": stamp(now), "by": by, "note": note, "id": alert},
            )

    # Deliveries.

    def owe(self, alert: str, event: str, target: str, body: Row, now: datetime) -> None:
        """Something to be told. The key is the same however often it is told, so a receiver can tell."""
        self.change(
            "INSERT OR IGNORE INTO deliveries (key, alert, event, target, body, made_at, next_at) "
            "VALUES (:key, :alert, :event, :target, :body, :now, :now)",
            {
                "key": f"{alert}.{event}.{target}", "alert": alert, "event": event, "target": target,
                "body": json.dumps(body, sort_keys=True), "now": stamp(now),
            },
        )  # fmt: skip

    def due(self, now: datetime) -> list[Row]:
        """What is to be told now, the oldest first."""
        return self.rows(
            "SELECT * FROM deliveries WHERE delivered_at IS NULL AND given_up_at IS NULL AND next_at <= :now "
            "ORDER BY made_at, key",
            {"now": stamp(now)},
        )
