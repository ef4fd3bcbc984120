"""What single rows of VICIDIAL mean: rounds of an agent within a second, statuses, and whose a campaign is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.centre.parse import read_centre
from pipeline.contract.events import Event
from pipeline.producers.adapters.vicidial.clients import Clients
from pipeline.producers.adapters.vicidial.converter import VicidialConverter
from pipeline.producers.adapters.vicidial.statuses import Statuses, dial_result, is_dropped, left_reason
from pipeline.producers.adapters.vicidial.tables import TableRecord
from pipeline.producers.door import Door

NINE = int(datetime(2026, 3, 4, 9, 0, tzinfo=UTC).timestamp())


def converter() -> VicidialConverter:
    return VicidialConverter(Clients(None, "acme"), None, None, Door(None))


def round_of(number: int, **phases: str) -> TableRecord:
    """A row of the agent log; ``pause="0+60"``: from 9:00:00 on, 60 seconds."""
    values = {"agent_log_id": str(number), "user": "6001", "campaign_id": "SALES1"}
    for name, text in phases.items():
        if "+" in text:
            at, seconds = text.split("+")
            values |= {f"{name}_epoch": str(NINE + int(at)), f"{name}_sec": seconds}
        else:
            values[name] = text
    return TableRecord("vicidial_agent_log", "file", number, values)


def call(table: str, **values: str) -> TableRecord:
    return TableRecord(table, "file", 1, {"campaign_id": "SALES1", "uniqueid": "1.1", **values})


def states(*records: TableRecord) -> list[tuple[str, str | None]]:
    read = converter()
    events = [event for record in records for event in read.convert(record)]
    events.sort(key=lambda event: event.time)
    return [(event.data.state, event.data.reason) for event in events]  # type: ignore[union-attr]


def test_rounds_that_meet_within_a_second_keep_their_order() -> None:
    """The outcome was chosen at once: wrap-up and the next round's waiting begin in the same second."""
    first = round_of(7, wait="0+10", talk="10+20", dispo="30+0", status="NI")
    second = round_of(8, pause="30+0", wait="30+15", talk="45+5", dispo="50+3", status="NI")
    assert states(second, first) == [
        ("available", None),
        ("on_contact", None),
        ("wrap_up", None),
        ("available", None),
        ("on_contact", None),
        ("wrap_up", None),
    ]


def test_no_state_leaves_its_second() -> None:
    for number in (1, 59_999, 60_000, 4_294_967_295):
        for event in converter().convert(round_of(number, pause="0+60", sub_status="LUNCH")):
            assert int(event.time.timestamp()) == NINE


def test_the_code_of_a_pause_that_is_given_later_holds() -> None:
    assert states(round_of(7, pause="0+0"), round_of(7, pause="0+0", sub_status="LUNCH"))[-1] == ("break", "lunch")


def test_an_agent_who_was_lost_sight_of_has_no_break() -> None:
    assert states(round_of(7, pause="0+30", sub_status="LAGGED")) == [("unavailable", "lagged")]


@pytest.mark.parametrize(
    ("status", "has_agent", "result", "dropped"),
    [
        ("SALE", True, "human", False),
        ("MYOWN", True, "human", False),
        ("MYOWN", False, None, False),
        ("A", True, "human", False),
        ("A", False, "machine", False),
        ("AM", False, "machine", False),
        ("B", True, "busy", False),
        ("NA", False, "no_answer", False),
        ("CPDSI", False, "invalid", False),
        ("CPDATB", False, "failed", False),
        ("DNCL", False, "blocked", False),
        ("PDROP", False, "human", True),
    ],
)
def test_what_a_status_says_of_a_dial(status: str, has_agent: bool, result: str | None, dropped: bool) -> None:
    assert (dial_result(status, has_agent), is_dropped(status)) == (result, dropped)


@pytest.mark.parametrize(
    ("status", "term_reason", "reason"),
    [
        ("DROP", "ABANDON", None),
        ("XDROP", "CALLER", None),
        ("DROP", "QUEUETIMEOUT", "timeout"),
        ("TIMEOT", "NONE", "timeout"),
        ("AFTHRS", "AFTERHOURS", "closed"),
        ("NANQUE", "NOAGENT", "closed"),
        ("CBHOLD", "HOLDTIME", "callback"),
        ("QVMAIL", "NONE", "key"),
    ],
)
def test_how_a_caller_left_an_in_group(status: str, term_reason: str, reason: str | None) -> None:
    assert left_reason(status, term_reason) == reason


def test_each_later_form_of_a_row_has_a_higher_revision() -> None:
    read = converter()
    row = {"closecallid": "9001", "start_epoch": str(NINE), "user": "6001", "queue_seconds": "5"}

    def revision(**more: str) -> int:
        found: list[Event] = list(read.convert(call("vicidial_closer_log", **row, **more)))
        assert found
        return max(getattr(event.data, "revision", 0) for event in found)

    open_, ended = revision(status="INCALL"), revision(status="DISPO", end_epoch=str(NINE + 60))
    final = revision(status="NI", end_epoch=str(NINE + 60))
    list(read.convert(round_of(7, talk="5+55", dispo="60+9", status="NI", lead_id="1", uniqueid="1.1")))
    assert open_ < ended < final < revision(status="NI", end_epoch=str(NINE + 60))


def test_centre_yaml_overrides_what_a_status_means_by_default(tmp_path: Path) -> None:
    (tmp_path / "centre.yaml").write_text(
        "version: 1\nclients: {acme: }\ndispositions:\n  acme:\n    SALE: {flags: []}\n"
    )
    centre = read_centre(tmp_path / "centre.yaml")[0]
    assert Statuses(centre).flags("acme", "SALES1", "SALE") == ()
    assert "sale" in Statuses(None).flags("acme", "SALES1", "SALE")
    learnt = Statuses(None)
    learnt.learn({"status": "SALE", "sale": "N", "customer_contact": "Y"})
    assert learnt.flags("acme", "SALES1", "SALE") == ("customer_contact",)


def test_a_campaign_that_two_clients_claim_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "centre.yaml").write_text(
        "version: 1\nclients: {acme: , zeta: }\ncampaigns:\n"
        "  acme:\n    SALES1: {line: outbound-sales}\n    OWN: {line: outbound-sales}\n"
        "  zeta:\n    SALES1: {line: outbound-sales}\n"
    )
    centre = read_centre(tmp_path / "centre.yaml")[0]
    clients = Clients(centre, None)
    assert (clients.of("OWN"), clients.of("SALES1"), clients.of("OTHER")) == ("acme", None, None)
    assert Clients(centre, "zeta").of("SALES1") == "zeta"
    assert Clients(centre, "zeta").of("OWN") == "acme"
