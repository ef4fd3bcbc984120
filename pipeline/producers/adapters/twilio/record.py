"""One TaskRouter event in one form, whichever way it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from pipeline.producers.adapters.pushed.values import moment

_TYPE_PREFIX = "com.twilio.taskrouter."
_KNOWN_SCHEMAS = ("1", "2", "3", "4")


@dataclass(frozen=True, slots=True)
class Record:
    """``fields`` by their names in lower case without underscores: ``TaskSid`` and ``task_sid`` are ``tasksid``."""

    verb: str
    time: datetime
    fields: Mapping[str, Any]
    #: The version of its schema, where it says one that is not known.
    unknown_version: str | None = None

    def text(self, name: str) -> str | None:
        """A field as text; None if it is not there, or empty."""
        value = self.fields.get(name)
        return None if value is None or value == "" else str(value)

    def attributes(self, name: str) -> Mapping[str, Any]:
        """A field that is a JSON object, or the text of one; an empty one for anything else."""
        value = self.fields.get(name)
        if isinstance(value, str):
            try:
                value = msgspec.json.decode(value)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return {}
        return value if isinstance(value, Mapping) else {}


def read_record(raw: Any) -> Record | None:
    """The event of a callback's form, of an Event Streams' CloudEvent, or of the Events API; None for anything else."""
    if not isinstance(raw, Mapping):
        return None
    if "specversion" in raw:
        return _of_stream(raw)
    if "event_data" in raw:
        return _of_api(raw)
    fields = _flat(raw)
    return _record(fields.get("eventtype"), (fields.get("timestampms"), fields.get("timestamp")), fields)


def _of_stream(raw: Mapping[str, Any]) -> Record | None:
    data = raw.get("data")
    payload = data.get("payload", data) if isinstance(data, Mapping) else None
    if not isinstance(payload, Mapping):
        return None
    fields = _flat(payload)
    version = str(raw.get("dataschema") or "").rpartition("/")[2]
    unknown = None if version in _KNOWN_SCHEMAS or not version else version
    times = (fields.get("timestampms"), fields.get("timestamp"), raw.get("time"))
    verb = str(raw.get("type") or "").removeprefix(_TYPE_PREFIX)
    return _record(verb, times, fields, unknown)


def _of_api(raw: Mapping[str, Any]) -> Record | None:
    data = raw["event_data"]
    if isinstance(data, str):
        try:
            data = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
    if not isinstance(data, Mapping):
        return None
    above = _flat({name: value for name, value in raw.items() if name != "event_data"})
    times = (raw.get("event_date_ms"), raw.get("event_date"))
    return _record(raw.get("event_type"), times, {**above, **_flat(data)})


def _record(verb: Any, times: tuple[Any, ...], fields: Mapping[str, Any], unknown: str | None = None) -> Record | None:
    time = next((found for each in times if (found := moment(each)) is not None), None)
    if time is None or not isinstance(verb, str) or not verb:
        return None
    return Record(verb, time, fields, unknown)


def _flat(raw: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name).replace("_", "").lower(): value for name, value in raw.items()}
