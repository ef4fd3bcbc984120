"""The centre.yaml of a simulated centre: what its events do not say, in the words of the real file."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from pipeline.centre.vocabulary import EVERY_CLIENT
from pipeline.errors import CallboardError
from pipeline.simulate.centre import AgentGroup, Centre, Queue
from pipeline.simulate.company import supervisor_of

_SITE = "main"
_OFFICE_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HEADER = "# The simulated centre '{name}', as its events are made. See docs/reference/centre.md.\n"


def centre_yaml(centre: Centre) -> bytes:
    """A valid centre.yaml that describes ``centre``: the same centre gives the same bytes."""
    document = {
        "version": 1,
        "clients": {client: _client(centre, client) for client in _clients(centre)},
        "sites": {_SITE: {"time_zone": centre.timezone}},
        "hours": {_hours_name(queue): _hours(queue) for queue in centre.queues if queue.opening},
        "queues": _by_client((queue.client, queue.name, _queue(queue)) for queue in centre.queues),
        "campaigns": _by_client(
            (queue.client, queue.business.dialling.campaign, _campaign(queue))
            for queue in centre.queues
            if queue.business.dialling
        ),
        "dispositions": {EVERY_CLIENT: {name: {"flags": list(flags)} for name, flags in sorted(centre.flags.items())}},
        "teams": _by_client((group.client, group.name, _team(group)) for group in centre.groups),
        "agents": _by_client((group.client, name, _agent(group)) for group in centre.groups for name in group.names()),
    }
    text = yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=120, allow_unicode=True)
    return (_HEADER.format(name=centre.name) + text).encode()


def write_centre(centre: Centre, path: Path) -> None:
    """Write the centre.yaml of ``centre``.

    Raises:
        CallboardError: the file cannot be written.
    """
    try:
        path.write_bytes(centre_yaml(centre))
    except OSError as error:
        raise CallboardError(f"the centre cannot be described in {path}: {error.strerror}") from error


def _clients(centre: Centre) -> list[str]:
    return sorted({queue.client for queue in centre.queues})


def _by_client(entries: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for client, name, entry in entries:
        found[client][name] = entry
    return dict(found)


def _client(centre: Centre, client: str) -> dict[str, Any]:
    queues = [queue for queue in centre.queues if queue.client == client]
    outcomes = (outcome.currency for queue in queues for outcome in queue.business.outcomes)
    currencies = {queue.sales.currency for queue in queues if queue.sales} | {name for name in outcomes if name}
    return {"time_zone": centre.timezone, **({"currency": currencies.pop()} if len(currencies) == 1 else {})}


def _hours_name(queue: Queue) -> str:
    opens, closes = queue.opening or (0, 24)
    return f"from-{opens:02d}-to-{closes:02d}"


def _hours(queue: Queue) -> dict[str, list[str]]:
    opens, closes = queue.opening or (0, 24)
    return {day: [f"{opens:02d}:00-{closes:02d}:00"] for day in _OFFICE_DAYS}


def _queue(queue: Queue) -> dict[str, Any]:
    case = queue.business.case
    described: dict[str, Any] = {
        "line": queue.business.line,
        "channel": queue.channel,
        "skill": queue.name,
        "site": _SITE,
    }
    if queue.opening:
        described["hours"] = _hours_name(queue)
    if case is not None and case.promised_hours is not None:
        described["settings"] = [{"resolution_target_seconds": round(case.promised_hours * 3600)}]
    return described


def _campaign(queue: Queue) -> dict[str, Any]:
    dialling = queue.business.dialling
    if dialling is None:
        return {}
    # A lead is of the list that it was drawn with, so each list may have all of them.
    lists = dict.fromkeys(dialling.lists, dialling.leads)
    return {"line": queue.business.line, "queue": queue.name, "lists": lists, "drop_rule": dialling.drop_rule}


def _team(group: AgentGroup) -> dict[str, Any]:
    return {"site": _SITE, "supervisor": supervisor_of(group.name), "agents": list(group.names())}


def _agent(group: AgentGroup) -> dict[str, Any]:
    described: dict[str, Any] = {"skills": list(group.skills), "languages": list(group.languages)}
    return {**described, "capacity": {"voice": 1, **dict(group.capacity)}}
