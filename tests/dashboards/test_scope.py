"""Whoever may see one client sees nothing of another: every query of the registry, against a store with both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from dashboards.access.scope import Scope
from dashboards.data.asking import Ask, Filters, ask, last
from dashboards.data.connection import Rows, StoreConnection
from dashboards.data.single import rows_of
from dashboards.queries.registry import QUERIES
from dashboards.queries.scoped import OPEN_RELATIONS, Query
from tests.dashboards.conftest import EVERYTHING, NOW
from tests.dashboards.reading import reading
from tests.dashboards.two_clients import HIDDEN, LINES, SEEN, SITES, TwoStores, two_stores

ONE_CLIENT = Scope.of([SEEN])
PERIOD = last(90)
MOMENT = NOW - timedelta(minutes=10)
#: What pages give as arguments, by name (or by query and name): plausible values of it.
#: A query with another argument needs it added here.
ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "definition": ("abandons_negative", "contract"),
    "definitions_at": (None, MOMENT),
    "grain": ("whole", "quarter", "hour", "day"),
    "grouping": ("all", "client", "queue", "site"),
    "zone": ("Europe/Berlin", "UTC"),
    "pace": (None, "live"),
    "question": ("csat", "nps"),
    "part": ("offered", "abandoned"),
    "behind_levels.part": ("denominator", "numerator"),
    "behind_rolling.part": ("decided", "answered_in_time"),
    "behind_open.part": ("in_progress", "waiting"),
    "behind_staff.part": ("on_contact", "available"),
    "behind_silent.part": ("silent",),
    "behind_spans.part": ("on_contact_seconds", "available_seconds"),
    "behind_states.part": ("on_contact_seconds", "available_seconds"),
    "behind_plan.part": ("scheduled_seconds", "adherent_seconds"),
    "behind_contacts.part": ("handled", "answered", "talk_seconds"),
    "behind_sales.part": ("offered", "sales", "agent_hours", "revenue"),
    "behind_promises.part": ("promises", "due"),
    "behind_collected.part": ("amount_promised", "outstanding"),
    "behind_pledges.part": ("pledges", "amount_pledged"),
    "behind_dials.part": ("dials", "contacts", "leads_dialled"),
    "behind_selling.part": ("dials", "agent_hours", "sales"),
    "behind_campaign_revenue.part": ("sales_revenue",),
    "behind_drops.part": ("live_answers", "drops"),
    "behind_lists.part": ("leads_dialled", "leads"),
    "behind_answers.part": ("sent", "responses"),
    "behind_interviews.part": ("completes", "refusals"),
    "behind_waiting.part": ("waiting",),
    "behind_turns.part": ("conversations", "agent_responses"),
    "behind_slots.part": ("contact_seconds", "available_slot_seconds"),
    "behind_bots.part": ("bot_sessions", "bot_handed_over"),
    "behind_menus.part": ("menu_sessions", "menu_seconds"),
    "behind_items_open.part": ("open_items", "oldest_item_seconds"),
    "behind_items_cleared.part": ("items_closed", "items_due"),
    "before_at": (None, NOW),
    "before_client": (None, "zzz"),
    "before_key": (None, "zzz"),
    "before_part": (None, "zzz"),
    "agent": (None,),
    "disposition": (None,),
    "interaction": (None,),
    "outcome": (None, "unqueued"),
    "with_unqueued": (True,),
    "of_client": (HIDDEN, SEEN),
    # Of both clients: the second one's has the first one's name.
    "of_interaction": ("outbound-sales-20260302T090723-6-c00000002",),
}
FILTERS = (Filters(), Filters(client=HIDDEN), Filters(queue=LINES[0]))
#: A filter leaves rows out, so without one the most is seen.
UNFILTERED = FILTERS[:1]
#: Sites are nobody's: who is not bounded to some of them sees the names of all.
OF_NO_CLIENT = OPEN_RELATIONS | {"centre_sites"}


def every_query() -> Iterator[Query]:
    """The registry, and what its queries become for a past moment."""
    for query in QUERIES.values():
        yield query
        past = getattr(query, "past", None)
        if isinstance(past, Query) and past.name not in QUERIES:
            yield past


ALL = list(every_query())
BOUNDED = [query for query in ALL if not query.whole_store]
WHOLE = [query for query in ALL if query.whole_store]


def asks(query: Query, scope: Scope, choices: tuple[Filters, ...] = FILTERS) -> list[Ask]:
    """Questions with plausible values for every parameter of the query; ``choices``: of filters.

    Raises:
        LookupError: a parameter is not known here: add it to ARGUMENTS.
    """
    names = query.parameters - {"at", "start", "stop"} - {field.name for field in fields(Filters)}
    if unknown := names - ARGUMENTS.keys():
        raise LookupError(f"query {query.name} has arguments that this test has no values for: {sorted(unknown)}")
    values = {name: ARGUMENTS.get(f"{query.name}.{name}", ARGUMENTS[name]) for name in names}
    most = max(map(len, values.values()), default=1)
    given = [{name: each[turn % len(each)] for name, each in values.items()} for turn in range(most)]
    return [
        ask(query, scope, as_of=MOMENT, period=PERIOD, filters=filters, arguments=arguments)
        for filters in choices
        for arguments in given
    ]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> TwoStores:
    return two_stores(tmp_path_factory.mktemp("two-clients"))


@pytest.fixture(scope="module")
def both(stores: TwoStores) -> Iterator[StoreConnection]:
    with reading(stores.both) as connection:
        yield connection


@pytest.fixture(scope="module")
def alone(stores: TwoStores) -> Iterator[StoreConnection]:
    with reading(stores.alone) as connection:
        yield connection


def answers(connection: StoreConnection, question: Ask) -> Rows:
    return rows_of(connection, question, MOMENT)


def comparable(rows: Rows) -> list[str]:
    """Rows in an order of their own; sums of fractions are the same whatever the order they were added in."""
    return sorted(repr({name: plain(value) for name, value in row.items()}) for row in rows)


def plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return {name: plain(each) for name, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("query", BOUNDED, ids=lambda query: query.name)
def test_a_client_sees_what_it_would_see_if_it_were_alone(
    query: Query, both: StoreConnection, alone: StoreConnection
) -> None:
    for question in asks(query, ONE_CLIENT):
        shown = comparable(answers(both, question))
        assert HIDDEN not in " ".join(shown)
        if "corrections" in query.template:
            # An event is late beside the newest one of its partition, whosever that is, so the log of corrections
            # itself would be another one without the other client. Whose it is is decided all the same.
            mine = re.sub(r"callboard_scope\('\w+'\)", f"client = '{SEEN}'", query.template)
            assert shown == comparable(both.rows(mine, question.bound(MOMENT)))
        else:
            assert shown == comparable(answers(alone, question)), dict(question.values)


def test_the_other_client_is_there_to_be_seen(both: StoreConnection) -> None:
    """Guards the test above: without a scope most queries say something of the other client."""
    differ = []
    for query in BOUNDED:
        free, bounded = (asks(query, scope)[0] for scope in (EVERYTHING, ONE_CLIENT))
        shown = comparable(answers(both, free))
        if HIDDEN in str(shown) or shown != comparable(answers(both, bounded)):
            differ.append(query.name)
    # What says nothing of any client, or of no contact and no agent, is the same for everybody.
    assert {query.name for query in BOUNDED} - set(differ) <= {
        "catalogue", "catalogue_whole", "zones", "sites", "newest", "corrections", "interaction_corrections",
        "sources",
        # Of one agent, who is asked for by name; of those who are left out, and of those who wait for a chat: there
        # are none here.
        "agents_day", "agents_left_out", "behind_silent", "behind_waiting",
    }  # fmt: skip


@pytest.mark.parametrize("query", WHOLE, ids=lambda query: query.name)
def test_the_store_as_a_whole_is_for_those_who_see_all(query: Query, both: StoreConnection) -> None:
    for scope in (ONE_CLIENT, Scope.of(sites=[SITES[0]]), Scope.of(teams=["t"]), Scope.of([])):
        with pytest.raises(PermissionError):
            rows_of(both, asks(query, scope)[0], MOMENT)


@pytest.mark.parametrize("query", BOUNDED, ids=lambda query: query.name)
@pytest.mark.parametrize("scope", [Scope.of([]), Scope.of(["nobody"])], ids=["no client", "an unknown client"])
def test_who_may_see_no_client_sees_no_count(query: Query, scope: Scope, both: StoreConnection) -> None:
    shown = repr([answers(both, question) for question in asks(query, scope, UNFILTERED)[:1]])
    assert SEEN not in shown
    assert HIDDEN not in shown


@pytest.mark.parametrize("query", BOUNDED, ids=lambda query: query.name)
def test_each_relation_stands_within_the_client_bound(query: Query) -> None:
    assert not list(unbounded(parsed(query.sql(ONE_CLIENT)), frozenset()))


def parsed(sql: str) -> Any:
    ((text,),) = duckdb.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    document = json.loads(text)
    assert not document["error"], document
    return document["statements"][0]["node"]


def unbounded(node: Any, known: frozenset[str], bound: bool = False) -> Iterator[str]:
    """Relations in a parsed text that no condition on the client's name bounds: another way than ``scoped`` goes.

    ``known``: names of common table expressions in sight. ``bound``: the SELECT that reads this has the condition.
    """
    if isinstance(node, list):
        for each in node:
            yield from unbounded(each, known)
        return
    if not isinstance(node, dict):
        return
    if node.get("type") in ("BASE_TABLE", "TABLE_FUNCTION"):
        name = node.get("table_name") or node["function"]["function_name"]
        if not bound and name not in known and name not in OF_NO_CLIENT:
            yield name
        yield from unbounded(node.get("function", {}).get("children", []), known)
        return
    if "cte_map" in node:
        known = known | {each["key"] for each in node["cte_map"]["map"]}
    if node.get("type") == "SELECT_NODE":
        from_table = node["from_table"]
        yield from unbounded(from_table, known, on_clients(node["where_clause"]))
        node = {name: part for name, part in node.items() if name != "from_table"}
    for part in node.values():
        yield from unbounded(part, known)


def on_clients(condition: Any) -> bool:
    """A condition that nobody passes whose client is not named in the scope: ``client IN (... $scope_clients ...)``."""
    if not isinstance(condition, dict):
        return False
    if condition.get("type") == "CONJUNCTION_AND":
        return any(map(on_clients, condition["children"]))
    child = condition.get("child") or {}
    return (
        condition.get("subquery_type") == "ANY"
        and condition.get("comparison_type") == "COMPARE_EQUAL"
        and child.get("column_names") == ["client"]
        and '"scope_clients"' in json.dumps(condition["subquery"])
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM segments",
        "SELECT * FROM segments WHERE client IN (SELECT unnest($scope_clients)) OR true",
        "SELECT * FROM segments WHERE client NOT IN (SELECT unnest($scope_clients))",
        "SELECT * FROM segments WHERE queue IN (SELECT unnest($scope_clients))",
        "WITH a AS (SELECT * FROM segments) SELECT * FROM a WHERE client IN (SELECT unnest($scope_clients))",
        "SELECT (SELECT count(*) FROM segments) FROM range(1)",
    ],
)
def test_the_reader_of_texts_finds_what_is_not_bounded(sql: str) -> None:
    assert list(unbounded(parsed(sql), frozenset())) == ["segments"]


def agents_of(connection: StoreConnection, where: str) -> set[tuple[str, str]]:
    rows = connection.rows(f"SELECT client, agent FROM centre_agents WHERE {where}", {})
    return {(row["client"], row["agent"]) for row in rows}


def queues_of(connection: StoreConnection, where: str) -> set[tuple[str, str]]:
    rows = connection.rows(f"SELECT client, queue FROM centre_queues WHERE {where}", {})
    return {(row["client"], row["queue"]) for row in rows}


@pytest.mark.parametrize("query", BOUNDED, ids=lambda query: query.name)
@pytest.mark.parametrize("clients", [None, [SEEN]], ids=["all clients", "one client"])
def test_a_site_shows_its_queues_and_agents_only(
    query: Query, clients: list[str] | None, both: StoreConnection
) -> None:
    where = f"site = '{SITES[0]}'" + (f" AND client = '{SEEN}'" if clients else "")
    queues, agents = queues_of(both, where), agents_of(both, where)
    for question in asks(query, Scope.of(clients, [SITES[0]]), UNFILTERED):
        for row in answers(both, question):
            if row.get("client") and row.get("queue"):
                assert (row["client"], row["queue"]) in queues
            elif row.get("client") and row.get("agent"):
                assert (row["client"], row["agent"]) in agents
            assert SITES[1] not in map(str, row.values())


@pytest.mark.parametrize("query", BOUNDED, ids=lambda query: query.name)
def test_a_team_shows_its_agents_only(query: Query, both: StoreConnection) -> None:
    team = both.rows(f"SELECT min(team) AS team FROM centre_agents WHERE client = '{SEEN}'", {})[0]["team"]
    agents = agents_of(both, f"team = '{team}' AND client = '{SEEN}'")
    for question in asks(query, Scope.of([SEEN], teams=[team]), UNFILTERED):
        shown = {(row["client"], row["agent"]) for row in answers(both, question) if row.get("agent")}
        assert shown <= agents


def test_the_bounds_of_site_and_team_leave_something_to_see(both: StoreConnection) -> None:
    """Guards the two tests above against passing because nothing is shown."""
    for name, scope in (("places", Scope.of(sites=[SITES[0]])), ("floor_contracts", Scope.of([SEEN], [SITES[1]]))):
        rows = answers(both, asks(QUERIES[name], scope)[0])
        everybody = answers(both, asks(QUERIES[name], EVERYTHING)[0])
        assert 0 < len(rows) < len(everybody)
