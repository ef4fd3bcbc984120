"""The rows behind numbers of surveys: single answers, and interviews that were the work itself."""

from __future__ import annotations

from dashboards.queries import surveys
from dashboards.queries.behind.page import things, which
from dashboards.queries.scoped import Query, scoped

#: Of the surveys of a question: which count in a part. Sent are those of queues that ask it.
ANSWERS = {
    "responses": "score IS NOT NULL",
    "sent": "count(question) OVER (PARTITION BY client, queue) > 0",
    "at_least_4": "score >= 4",
    "at_least_9": "score >= 9",
    "at_most_6": "score <= 6",
    "scores": "score IS NOT NULL",
}
_ANSWER_ROWS = f"""
  SELECT sent_at AS began_at, client, interaction, survey AS thing, queue, agent, status AS state,
    question || ': ' || coalesce(score::VARCHAR, '–') AS detail, CASE $part WHEN 'scores' THEN score ELSE 1 END AS value
  FROM (
    SELECT sent.*, question, score, {which(ANSWERS)} AS counts
    FROM {scoped("surveys_between($start, $stop)", "queue")} sent
      LEFT JOIN (SELECT * FROM {scoped("survey_scores", "client")} WHERE question = $question) scored
      USING (client, survey))
  WHERE counts"""

INTERVIEWS = {"completes": "complete", "refusals": "refusal"}
_WORK = f"""
    SELECT client, campaign, queue FROM {scoped("survey_line_kpis($start, $stop)", "queue")}
    WHERE {surveys.OF_THE_WORK}"""
_INTERVIEW_ROWS = f"""
  SELECT began_at, held.client, interaction, interaction AS thing, held.queue, held.campaign, agent,
    CASE WHEN complete THEN 'completed' WHEN refusal THEN 'refused' END AS state, 1 AS value
  FROM {scoped("survey_line_contacts($start, $stop)", "queue")} held SEMI JOIN ({_WORK}) asked
    ON asked.client = held.client AND asked.campaign IS NOT DISTINCT FROM held.campaign
      AND asked.queue IS NOT DISTINCT FROM held.queue
  WHERE {which(INTERVIEWS)}"""

ANSWER_ROWS = Query("behind_answers", things(_ANSWER_ROWS))
INTERVIEW_ROWS = Query("behind_interviews", things(_INTERVIEW_ROWS))

QUERIES = (ANSWER_ROWS, INTERVIEW_ROWS)
