"""Surveys: what was sent, and what was answered."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from ..differences import Row
from ..model import Facts, grouped
from .contacts import share

SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}


def _surveys(facts: Facts, start: datetime, stop: datetime) -> list[dict[str, Any]]:
    found = []
    for (client, _), own in grouped(facts.details["survey_answers"], lambda a: (a["client"], a["survey"])).items():
        if start <= own[0]["time"] < stop:
            said = [a["status"] for a in own]
            segment = next((a["segment"] for a in own if a["segment"] is not None), None)
            place = facts.segments.get((client, own[0]["interaction"], segment)) if segment is not None else None
            queue = next((a["queue"] for a in own if a["queue"] is not None), None)
            scores = {}
            for answer in own:
                if answer["question"] is not None and answer["score"] is not None:
                    scores[answer["question"]] = answer["score"]
                elif answer["question"] is not None:
                    scores.setdefault(answer["question"], None)
            found.append({
                "client": client, "queue": queue or (place.queue if place else None), "scores": scores,
                "refused": "refused" in said and "completed" not in said,
            })  # fmt: skip
    return found


def satisfaction(facts: Facts, start: datetime, stop: datetime) -> list[Row]:
    """Surveys sent in [start, stop), per client, queue and question."""
    rows: list[Row] = []
    for (client, queue), own in grouped(_surveys(facts, start, stop), lambda s: (s["client"], s["queue"])).items():
        common = {"client": client, "queue": queue, "sent": len(own), "refused": sum(1 for s in own if s["refused"])}
        questions = sorted({question for s in own for question in s["scores"]}) or [None]
        for question in questions:
            said = [s["scores"][question] for s in own if s["scores"].get(question) is not None]
            lowest, highest = SCALES.get(str(question), (min(said, default=0), max(said, default=0)))
            good = [score for score in said if lowest <= score <= highest]
            rows.append({**common, "question": question, "responses": len(good), "off_scale": len(said) - len(good),
                         "response_rate": share(len(good), len(own)),
                         "score_mean": Fraction(sum(good)) / len(good) if good else None,
                         **_scores(question, good)})  # fmt: skip
    return rows


def _scores(question: str | None, scores: list[int]) -> Row:
    def of(name: str, good: int, bad: int = 0) -> Fraction | None:
        return share(good - bad, len(scores)) if question == name else None

    def at_least(limit: int) -> int:
        return sum(1 for score in scores if score >= limit)

    return {
        "csat": of("csat", at_least(4)),
        "nps": of("nps", at_least(9), len(scores) - at_least(7)),
        "ces_mean": of("ces", sum(scores)),
    }
