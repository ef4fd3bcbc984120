"""What customers say after a contact, and surveys as the work itself. The numbers are worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.areas.outbound_events import Day, ask, fill, one, part, shuffled

DAY = "'2026-03-02', '2026-03-03'"


def survey(day: Day, number: int, status: str, moment: str = "2026-03-03 09:00:00", **data: object) -> None:
    """A step of a survey on contact ``call-N``."""
    day.contact(
        "surveyed", moment, f"call-{number}", direction="inbound", survey=f"survey-{number}", status=status, **data
    )


def asked(scores: dict[str, list[int]], sent: int, queue: str = "care") -> Day:
    """So many surveys sent on 2 March; the n-th score of a question is the answer to the n-th survey, the day after."""
    day = Day()
    for number in range(sent):
        survey(day, number, "sent", "2026-03-02 12:00:00", queue=queue)
    for question, answers in scores.items():
        for number, score in enumerate(answers):
            survey(day, number, "answered", question=question, score=score)
    return day


def test_scores_stand_beside_the_share_that_answered(tmp_path: Path) -> None:
    """CSAT: 3 of 5 are 4 or 5. NPS: 2 promoters and 2 detractors of 6, one of which is a 0. CES: a mean of 5."""
    day = asked({"csat": [5, 4, 4, 3, 1], "nps": [10, 9, 8, 7, 6, 0], "ces": [7, 6, 4, 3], "taste": [40, 50]}, sent=10)
    store = fill(tmp_path, day.lines)
    ces, csat, nps, taste = ask(store, f"FROM satisfaction({DAY})")
    assert part(csat, "queue", "question", "sent", "responses", "response_rate") == ("care", "csat", 10, 5, 0.5)
    assert part(csat, "csat", "csat_mean", "nps", "ces_mean") == (0.6, 3.4, None, None)
    assert part(nps, "responses", "response_rate", "csat", "ces_mean") == (6, 0.6, None, None)
    assert nps["nps"] == 0
    assert nps["nps_detractors_1_to_6"] == pytest.approx(1 / 6)
    assert part(ces, "responses", "ces_mean", "ces_top_2_less_bottom_3", "response_rate") == (4, 5, 0.25, 0.4)
    assert part(taste, "question", "score_mean", "csat", "nps", "response_rate") == ("taste", 45, None, None, 0.2)


def test_the_latest_answer_holds_and_one_off_the_scale_is_none(tmp_path: Path) -> None:
    day = asked({"csat": [1, 6, 0], "nps": [11]}, sent=3)
    survey(day, 0, "answered", "2026-03-04 09:00:00", question="csat", score=5)
    csat, nps = ask(fill(tmp_path, day.lines), f"FROM satisfaction({DAY})")
    assert part(csat, "responses", "off_scale", "csat", "csat_mean") == (1, 2, 1, 5)
    assert part(nps, "responses", "off_scale", "nps", "response_rate") == (0, 1, None, 0)


def test_an_answer_restates_the_day_on_which_the_survey_was_sent(tmp_path: Path) -> None:
    store = fill(tmp_path, asked({"csat": [5]}, sent=2).lines)
    assert one(store, f"FROM satisfaction({DAY})")["responses"] == 1
    assert ask(store, "FROM satisfaction('2026-03-03', '2026-04-01')") == []


def test_nobody_answers(tmp_path: Path) -> None:
    day = asked({}, sent=4)
    survey(day, 0, "refused")
    row = one(fill(tmp_path, day.lines), f"FROM satisfaction({DAY})")
    assert part(row, "question", "sent", "refused", "responses", "response_rate", "score_mean") == (
        None,
        4,
        1,
        0,
        0,
        None,
    )


def test_a_survey_is_of_the_queue_of_its_segment_and_one_without_any_has_its_own_row(tmp_path: Path) -> None:
    day = Day()
    day.talk("2026-03-02 10:00:00", "call-1", queue="help")
    survey(day, 1, "sent", "2026-03-02 10:05:00", segment="1")
    survey(day, 2, "answered", "2026-03-02 10:06:00", question="csat", score=4)
    helped, nowhere = ask(fill(tmp_path, day.lines), f"FROM satisfaction({DAY})")
    assert part(helped, "queue", "sent", "responses") == ("help", 1, 0)
    assert part(nowhere, "queue", "sent", "responses", "csat") == (None, 1, 1, 1)


def interviews() -> Day:
    """North: 5 contacts, 2 complete (one by flag, one by its survey, though flagged refused), 1 refused. South: 1."""
    day = Day()
    flags: dict[int, list[str]] = {
        1: ["survey_complete"],
        2: ["refused"],
        3: ["refused"],
        4: [],
        5: [],
        6: ["survey_complete"],
    }
    for number, what in flags.items():
        day.contact(
            "described", f"2026-03-02 10:0{number}:00", f"call-{number}", campaign="south" if number == 6 else "north"
        )
        day.talk(f"2026-03-02 10:0{number}:10", f"call-{number}", what, queue="interviews")
    survey(day, 2, "completed")
    return day


def test_surveys_as_work(tmp_path: Path) -> None:
    store = fill(tmp_path, interviews().lines)
    north, south = ask(store, f"FROM survey_line_kpis({DAY}, quotas := MAP {{'north': 3, 'west': 9}})")
    assert part(north, "campaign", "queue", "contacts", "completes", "refusals") == ("north", "interviews", 5, 2, 1)
    assert part(north, "response_rate", "cooperation_rate", "quota", "quota_left") == (0.4, pytest.approx(2 / 3), 3, 1)
    assert part(south, "completes", "refusals", "cooperation_rate", "quota", "quota_left") == (1, 0, 1, None, None)
    north, _ = ask(store, f"FROM survey_line_kpis({DAY}, quotas := MAP {{'north': 1}})")
    assert north["quota_left"] == 0
    assert ask(store, f"FROM survey_line_kpis({DAY})")[0]["quota_left"] is None


def test_the_quota_of_the_centre_that_holds_at_the_end_of_the_period(tmp_path: Path) -> None:
    dated = "[{survey_quota: 3}, {from: 2026-03-03, survey_quota: 5}]"
    centre = (
        "version: 1\nclients: {acme: {title: Acme}}\n"
        f"campaigns: {{acme: {{north: {{line: surveys, settings: {dated}}}, south: {{line: surveys}}}}}}\n"
    )
    store = fill(tmp_path, interviews().lines, centre)
    north, south = ask(store, f"FROM survey_line_kpis({DAY})")
    assert part(north, "campaign", "completes", "quota", "quota_left") == ("north", 2, 3, 1)
    assert part(south, "campaign", "completes", "quota", "quota_left") == ("south", 1, None, None)
    north, _ = ask(store, "FROM survey_line_kpis('2026-03-01', '2026-04-01')")
    assert part(north, "quota", "quota_left") == (5, 3)
    north, _ = ask(store, f"FROM survey_line_kpis({DAY}, quotas := MAP {{'north': 2}})")
    assert part(north, "quota", "quota_left") == (2, 0)


def test_nobody_said_yes_or_no(tmp_path: Path) -> None:
    day = Day()
    day.talk("2026-03-02 10:00:00", "call-1")
    row = one(fill(tmp_path, day.lines), f"FROM survey_line_kpis({DAY})")
    assert part(row, "contacts", "response_rate", "cooperation_rate") == (1, 0, None)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_events_does_not_matter(tmp_path: Path, seed: int) -> None:
    lines = [*interviews().lines, *(line.replace(b'"acme-', b'"more-').replace(b"survey-", b"sent-") for line in asked(
        {"csat": [5, 4, 1], "nps": [9, 3]}, sent=5).lines)]  # fmt: skip
    first, other = fill(tmp_path / "1", lines), fill(tmp_path / "2", shuffled(lines, seed))
    for sql in (f"FROM satisfaction({DAY})", f"FROM survey_line_kpis({DAY})", "FROM surveys ORDER BY survey"):
        assert ask(first, sql) == ask(other, sql) != []
