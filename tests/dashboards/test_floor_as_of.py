"""The time machine of the floor: a past moment is shown as a board showed it then, without what became of it since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards.data.asking import Ask, Period, ask
from dashboards.data.connection import Rows
from dashboards.data.feed import Feed
from dashboards.data.single import rows_of
from dashboards.queries import floor
from dashboards.queries.scoped import Query
from pipeline.centre.kept import apply_centre
from pipeline.simulate.default_centre import default_centre
from pipeline.simulate.described import centre_yaml
from pipeline.simulate.disturb import to_record
from pipeline.simulate.simulation import simulate
from pipeline.store.layout import StoreLayout
from tests.dashboards.conftest import EVERYTHING, NOW, publish
from tests.dashboards.reading import reading

FeedOf = Callable[[Path], Feed]
Stores = tuple[Path, Path]
#: In the middle of a minute and of a quarter of an hour, so that a lot is neither answered nor over.
AS_OF = NOW - timedelta(minutes=20)
HOURS = 1.5
PERIOD = Period("last", 45)
BOARDS = Path(dashboards.__file__).parent / "boards"
#: Each question of a period, and those of the moment beside it.
ASKED = [query for query in floor.QUERIES if not query.name.endswith("_as_of")]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """A floor, and the same floor as it was: of the events up to the moment."""
    folder, centre = tmp_path_factory.mktemp("as-of"), default_centre(0.3)
    events = [event for event in simulate(centre, 8, NOW - timedelta(hours=HOURS), HOURS) if event.time <= NOW]
    for name, known in (("since", events), ("then", [event for event in events if event.time <= AS_OF])):
        apply_centre(StoreLayout(folder / name), centre_yaml(centre), "centre.yaml")
        publish(folder / name, [to_record(event).value for event in known], AS_OF if name == "then" else NOW)
    return folder / "since", folder / "then"


def answer(folder: Path, question: Ask) -> Rows:
    with reading(folder) as connection:
        return rows_of(connection, question, AS_OF)


def question_of(query: Query) -> Ask:
    return ask(query, EVERYTHING, as_of=AS_OF, period=PERIOD, arguments={"definition": "contract"})


def comparable(rows: Rows) -> list[str]:
    """In an order of their own, and whatever the order in which sums were added up."""
    plain = ({name: round(v, 9) if isinstance(v, float) else v for name, v in row.items()} for row in rows)
    return sorted(map(repr, plain))


@pytest.mark.parametrize("query", ASKED, ids=lambda query: query.name)
def test_an_answer_of_the_past_is_that_of_the_store_of_that_past(query: Query, stores: Stores) -> None:
    since, then = stores
    expected = comparable(answer(then, question_of(query)))
    assert comparable(answer(since, question_of(query.at(AS_OF)))) == expected


def test_what_came_later_would_be_seen(stores: Stores) -> None:
    """Guards the test above: without their own text for the past, these knew more than a board did then."""
    since, then = stores
    for query in (query for query in ASKED if query.past):
        assert comparable(answer(since, question_of(query))) != comparable(answer(then, question_of(query)))


@pytest.mark.parametrize("page", ["live", "wall"])
def test_a_page_of_the_past_is_the_page_of_that_past(page: str, feed_of: FeedOf, stores: Stores) -> None:
    shown = []
    for store in stores:
        feed_of(store)
        app = AppTest.from_file(BOARDS / f"{page}.py", default_timeout=30)
        app.query_params["as_of"] = AS_OF.isoformat()
        app.run()
        assert not app.exception
        assert not app.error
        numbers = [(tile.label, tile.value) for tile in app.metric]
        charts = [str(chart.proto) for kind in ("arrow_vega_lite_chart", "vega_lite_chart") for chart in app.get(kind)]
        assert (len(numbers), len(charts)) == ((12, 2) if page == "live" else (0, 0))
        shown.append([*numbers, *(part.proto.body for part in app.get("html")), *charts])
    assert shown[0] == shown[1]
    assert str(shown[0]).count("%<") + str(numbers).count("%") > 2, "pages with numbers"
