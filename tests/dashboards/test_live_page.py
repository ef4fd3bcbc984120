"""The live page by AppTest: what it shows is what the store says; stale, empty and absent are said in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards.data.asking import Period
from dashboards.data.feed import Feed
from dashboards.look import formats
from dashboards.queries.live import HISTORY, HISTORY_HOURS
from pipeline.clock import ManualClock
from tests.dashboards.conftest import NOW, publish, view_of
from tests.support.calls import agent, call

APP = Path(dashboards.__file__).parent / "app.py"
FeedOf = Callable[[Path], Feed]
Plain = Callable[[Path], duckdb.DuckDBPyConnection]


def board(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def pages_html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def text_of(app: AppTest) -> str:
    return pages_html(app).replace("\N{NO-BREAK SPACE}", " ")


def test_numbers_shown_are_those_of_the_store(feed_of: FeedOf, centre_store: Path, plain: Plain) -> None:
    feed_of(centre_store)
    app = board()
    con = plain(centre_store)
    start = (NOW - timedelta(minutes=30)).replace(second=0, microsecond=0)
    span = {"a": start, "b": NOW}
    (waiting, longest, talking) = con.execute(
        "SELECT sum(waiting), max(longest_wait_seconds), sum(in_progress) FROM queue_now(as_of := $at)", {"at": NOW}
    ).fetchone() or (None, None, None)
    (level,) = con.execute(
        "SELECT service_level FROM service_level($a, $b) WHERE queue IS NULL AND definition = 'abandons_negative'", span
    ).fetchone() or (None,)
    (abandonment, conversion) = con.execute(
        "SELECT sum(abandoned) / sum(offered), sum(sales) / sum(answered) FROM kpi_between($a, $b)", span
    ).fetchone() or (None, None)
    states = dict(
        con.execute("SELECT state, count(*) FROM agent_now(as_of := $at) GROUP BY ALL", {"at": NOW}).fetchall()
    )
    shown = numbers(app)
    assert shown["Waiting now"] == str(waiting)
    assert shown["Longest wait now"] == ("none" if longest is None else formats.duration(longest))
    assert shown["Service level 80/20"] == formats.percent(level)
    assert shown["Abandonment"] == formats.percent(abandonment)
    assert shown["Conversion"] == formats.percent(conversion)
    assert shown["In progress"] == str(talking)
    assert shown["On contact"] == str(states["on_contact"])
    assert shown["Available"] == str(states.get("available", 0))
    assert len(app.metric) == 11
    assert "0 s old" in text_of(app)
    assert not app.error


def test_another_period_and_definition_are_chosen_and_kept_in_the_address(
    feed_of: FeedOf, centre_store: Path, plain: Plain
) -> None:
    feed_of(centre_store)
    app = board()
    app.selectbox(key="service_level").select("service_level_answered_only").run()
    app.get("button_group")[0].set_value(60).run()
    start = (NOW - timedelta(minutes=60)).replace(second=0, microsecond=0)
    (level,) = plain(centre_store).execute(
        "SELECT service_level FROM service_level($a, $b) WHERE queue IS NULL AND definition = 'answered_only'",
        {"a": start, "b": NOW},
    ).fetchone() or (None,)
    assert numbers(app)["Service level 80/20"] == formats.percent(level)
    assert app.query_params["service_level"] == "service_level_answered_only"
    assert app.query_params["minutes"] == "60"
    linked = board(service_level="service_level_answered_only", minutes="60")
    assert numbers(linked) == numbers(app)


def test_a_client_sees_its_own_numbers_and_queues_only(feed_of: FeedOf, centre_store: Path, plain: Plain) -> None:
    feed_of(centre_store)
    app = board(client="borealis")
    (talking,) = plain(centre_store).execute(
        "SELECT sum(in_progress) FROM queue_now(as_of := $at) WHERE client = 'borealis'", {"at": NOW}
    ).fetchone() or (None,)
    assert numbers(app)["In progress"] == str(talking)
    table = text_of(app)
    assert "policies" in table
    assert "technical" not in table
    assert "aurora" not in table


def test_a_link_for_an_unknown_client_shows_no_traffic_and_nobody_elses_numbers(
    feed_of: FeedOf, centre_store: Path
) -> None:
    feed_of(centre_store)
    app = board(client="somebody")
    assert set(numbers(app).values()) == {"no traffic"}
    assert app.query_params["client"] == "somebody"


def test_queues_stand_worst_first(feed_of: FeedOf, tmp_path: Path) -> None:
    ago = [NOW - timedelta(seconds=seconds) for seconds in (0, 130, 300, 600)]
    feed_of(
        publish(
            tmp_path,
            [
                *call(1, ago[3], "calm", answered_after_seconds=5, ended_after_seconds=60),
                *call(2, ago[3], "late", answered_after_seconds=50, ended_after_seconds=90),
                *call(3, ago[1], "waiting"),
                *call(4, ago[2], "longer"),
            ],
        )
    )
    app = board()
    table = next(body for body in text_of(app).split("\n") if "<table" in body)
    assert [table.index(f">{name}<") for name in ("longer", "waiting", "late", "calm")] == sorted(
        table.index(f">{name}<") for name in ("longer", "waiting", "late", "calm")
    )
    assert "◆ 3:00 over 2:00" in table
    assert "▲ 0:10 over 2:00" in table
    assert "◆ 80.0 points under 80 %" in table
    assert numbers(app)["Longest wait now"] == "5:00"


def test_empty_is_no_traffic_and_never_zero_or_a_hundred(feed_of: FeedOf, empty_store: Path) -> None:
    feed_of(empty_store)
    app = board()
    assert set(numbers(app).values()) == {"no traffic"}
    assert not app.error


def test_zero_waiting_is_zero_where_there_is_traffic(feed_of: FeedOf, tmp_path: Path) -> None:
    ago = NOW - timedelta(minutes=50)
    answered = call(1, ago, answered_after_seconds=5, ended_after_seconds=60)
    feed_of(publish(tmp_path, [*answered, agent("ann", "available", ago)]))
    shown = numbers(board())
    assert shown["Waiting now"] == "0"
    assert shown["Longest wait now"] == "none"
    # The call was queued 50 minutes ago, so of the last 30 there is nothing to say.
    assert shown["Service level 80/20"] == "no traffic"
    assert shown["Available"] == "1"
    assert shown["Break"] == "0"
    assert numbers(board(minutes="60"))["Service level 80/20"] == formats.percent(1)


def test_stale_data_is_grey_and_says_so(feed_of: FeedOf, clock: ManualClock, centre_store: Path) -> None:
    feed_of(centre_store)
    app = board()
    fresh = numbers(app)
    assert "/* fresh */" in pages_html(app)
    assert "grayscale" not in pages_html(app).split("/* fresh */")[1].split("</style>")[0]
    clock.sleep(34)
    app.run()
    (banner,) = app.error
    assert "Data is 34 s old; the worker may be down." in banner.value
    assert "grayscale" in pages_html(app).split("/* stale */")[1].split("</style>")[0]
    assert "34 s old, stale" in text_of(app)
    assert numbers(app) == fresh
    clock.sleep(-34)
    app.run()
    assert not app.error


def test_a_past_moment_is_shown_and_named(
    feed_of: FeedOf, clock: ManualClock, centre_store: Path, plain: Plain
) -> None:
    feed_of(centre_store)
    clock.sleep(3600)
    moment = NOW - timedelta(hours=1)
    app = board(as_of=moment.isoformat())
    (talking,) = plain(centre_store).execute(
        "SELECT sum(in_progress) FROM queue_now(as_of := $at)", {"at": moment}
    ).fetchone() or (None,)
    assert numbers(app)["In progress"] == str(talking)
    assert "A past moment: **2026-03-02 09:07:23 UTC**" in app.info[0].value
    assert not app.error
    assert app.query_params["as_of"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("yesterday", "is no moment"), ("2026-03-02T09:00:00", "is no moment"), ("2030-01-01T00:00:00Z", "in the future")],
)
def test_a_moment_that_is_none_is_refused_in_one_line(
    feed_of: FeedOf, centre_store: Path, text: str, says: str
) -> None:
    feed_of(centre_store)
    app = board(as_of=text)
    (error,) = app.error
    assert says in error.value
    assert not app.metric


def test_old_events_offer_the_moment_they_are_of(feed_of: FeedOf, past_store: Path) -> None:
    feed_of(past_store)
    (hint,) = board().info
    assert "The newest event is of 2026-03-01 10:08:28 UTC" in hint.value
    assert "(?as_of=2026-03-01T10%3A08%3A29Z)" in hint.value


def test_without_a_store_a_friendly_page_says_what_to_start(feed_of: FeedOf, tmp_path: Path) -> None:
    feed = feed_of(tmp_path / "none")
    app = board()
    page = text_of(app)
    assert "Waiting for data" in page
    assert "callboard demo" in page
    assert f"callboard worker --store {tmp_path / 'none'}" in page
    assert not app.metric
    publish(tmp_path / "none", call(1, NOW))
    feed.turn()
    app.run()
    assert numbers(app)["Waiting now"] == "1"


def test_a_store_that_cannot_be_read_shows_one_line_and_no_stack_trace(feed_of: FeedOf, tmp_path: Path) -> None:
    (tmp_path / "live.duckdb").write_bytes(b"nonsense " * 4000)
    feed_of(tmp_path)
    app = board()
    assert "The store cannot be read" in text_of(app)
    assert "Traceback" not in text_of(app)


def test_a_panel_that_fails_says_one_line(feed_of: FeedOf, centre_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_of(centre_store)
    monkeypatch.setattr("dashboards.look.queue_table.show", lambda *_: 1 / 0)
    app = board()
    (error,) = app.error
    assert error.value == "This panel cannot be drawn; the server's log says why."
    assert len(app.metric) == 11


def test_names_from_events_are_text_and_not_markup(feed_of: FeedOf, tmp_path: Path) -> None:
    feed_of(publish(tmp_path, call(1, NOW, queue="<img src=x onerror=alert(1)>")))
    page = pages_html(board())
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_charts_have_every_quarter_and_gaps_where_nothing_was(feed_of: FeedOf, tmp_path: Path) -> None:
    from dashboards.look.charts import quarters, service_level_data, volume_data

    period = Period("quarters", HISTORY_HOURS * 60)
    view = view_of(feed_of(publish(tmp_path, call(1, NOW, abandoned_after_seconds=5))), HISTORY, period=period)
    rows = [row for row in view.rows("history") if row["client"] is None]
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    assert period.bounds(NOW) == (start, NOW)
    grid = quarters(rows, start, NOW)
    assert len(grid) == 25
    levels = service_level_data(grid, "service_level_abandons_negative")["service_level"].to_pylist()
    assert levels == [None] * 24 + [0.0]
    counts = volume_data(grid).to_pylist()
    assert [row["count"] for row in counts[-3:]] == [1, 0, 1]
    assert len(board().get("arrow_vega_lite_chart") or board().get("vega_lite_chart")) == 2
