"""Every text of the board is said, and has a message in every language that the board speaks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from gettext import NullTranslations
from pathlib import Path

import pytest
from babel import Locale
from streamlit.testing.v1 import AppTest

from dashboards.access import pages
from dashboards.data.feed import Feed
from dashboards.look import formats, viewer, words
from dashboards.messages import extract, files
from dashboards.messages.__main__ import main
from dashboards.messages.extract import Text, texts_of, unsaid_in
from dashboards.saying import Saying
from pipeline.errors import CallboardError
from tests.dashboards.outbound_store import AT, board, several_lines_store
from tests.dashboards.test_alerts_page import store as alerts_store

__all__ = ["alerts_store", "several_lines_store"]
FeedOf = Callable[[Path], Feed]


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "locale", lambda: Locale("de"))


def test_there_is_another_language_than_english() -> None:
    assert viewer.languages()[0] == "en"
    assert "de" in viewer.languages()


@pytest.mark.parametrize("language", viewer.languages()[1:])
def test_every_text_has_a_message_with_the_same_names(language: str) -> None:
    texts = extract.texts()
    assert len(texts) > 300
    assert files.faults(files.read(viewer.MESSAGES / f"{language}.po"), texts) == []


def test_nothing_is_shown_that_was_not_said() -> None:
    assert extract.unsaid() == []


@pytest.mark.parametrize(
    "source",
    [
        'st.Page("a.py", title="Live")',
        'st.error("It is down")',
        'box.selectbox("Client", names)',
        'box.selectbox(say("Client"), names, help="Choose one")',
        'tables.show("Queues", columns, rows, say("none"))',
        'tables.show(say("Queues"), columns, rows, "none")',
        'Cell("none", "muted")',
        'Cell(name, below=f"of {client}")',
        'Reading(text, "nobody waits")',
        'Column("Queue", "left strong")',
        'Tile("waiting", "moment", label="Waiting")',
        'pair(reading, "waiting", "moment", ["waiting"], where, period="now")',
        'st.html(f"<h2 class={c}>The last hours</h2>")',
        'st.caption("a" * 2 if x else "The SQL")',
        'charts.draw(data, spec, alt="Service level")',
    ],
)
def test_a_literal_that_is_shown_is_found(source: str) -> None:
    (fault,) = unsaid_in(f"def page():\n    {source}", "x.py")
    assert fault.startswith("x.py:2: ")
    assert fault.endswith("is shown without say()")


@pytest.mark.parametrize(
    "source", ['TITLE = say("Live")', 'class A:\n    title = say("Live")', 'A = [plural(1, "a", "b")]']
)
def test_what_is_said_while_importing_is_found(source: str) -> None:
    (fault,) = unsaid_in(source, "x.py")
    assert "said while importing" in fault


@pytest.mark.parametrize(
    "source",
    [
        'def page():\n    st.error(say("It is down"), icon=":material/error:")',
        'st.html("<style>.a { color: red }</style>")',
        'def page():\n    st.html(f"<p>{say(text)}</p><code>callboard demo</code>")',
        'Cell(formats.count(1), "muted")',
        'TITLE = mark("Live")',
        'def page():\n    st.title(say("Live"))',
        'def page():\n    Column(say("Queue"), "left strong")',
        'grid.show(_WIDTHS, pairs, view, name="backlog")',
        'st.Page("a.py", title="callboard")',
        'Cell("alerts.yaml")',
        '_LOG.warning("the store is gone")',
        'st.session_state.get("levels")',
    ],
)
def test_what_is_said_or_is_no_text_is_let_pass(source: str) -> None:
    assert unsaid_in(source, "x.py") == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('say("{n} min", n=1)', [("{n} min", None)]),
        ('say("a" if x else "b")', [("a", None), ("b", None)]),
        ('mark("Live")', [("Live", None)]),
        ('Saying("The store is gone: {reason}", reason=why)', [("The store is gone: {reason}", None)]),
        ('plural(n, "{number} man", "{number} men")', [("{number} man", "{number} men")]),
        ('formats.plural(n, "queue")', [("queue", "queues")]),
        ("say(title)", []),
    ],
)
def test_texts_are_read_out_of_the_source(source: str, found: list[tuple[str, str | None]]) -> None:
    assert [(text.one, text.many) for text in texts_of(source, "x.py")] == found


@pytest.mark.parametrize(
    ("source", "context"),
    [
        ('say("none", context="item")', "item"),
        ('say("none", number=1)', None),
        ('BoardPage("live", "Live", icon, roles)', "page"),
    ],
)
def test_a_text_has_the_context_that_it_is_said_in(source: str, context: str | None) -> None:
    (text,) = texts_of(source, "x.py")
    assert text.context == context


@pytest.mark.usefixtures("german")
def test_what_english_says_with_one_word_is_told_apart_by_its_context() -> None:
    assert words.say("Alerts") == "Alarmierungen"
    assert words.say("Alerts", context="page") == "Alarme"
    assert words.say("Alerts", context="nowhere") == "Alerts"
    assert words.say("", context="page") == ""


def test_a_saying_is_english_until_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = Saying("The store cannot be read: {reason}", reason="no {such} file")
    assert reason == str(reason) == words.said(reason) == "The store cannot be read: no {such} file"
    error = CallboardError(reason)
    monkeypatch.setattr(viewer, "locale", lambda: Locale("de"))
    assert words.said(reason) == words.said(error) == "Der Speicher lässt sich nicht lesen: no {such} file"
    # What nobody has marked is no text of the board.
    assert words.said("Queue") == words.said(CallboardError("Queue")) == "Queue"
    assert words.said(CallboardError()) == ""


def test_a_title_within_a_sentence_is_small_in_english_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert words.inside("Abandons negative") == "abandons negative"
    monkeypatch.setattr(viewer, "locale", lambda: Locale("de"))
    assert words.inside("Abbrüche negativ") == "Abbrüche negativ"


@pytest.mark.usefixtures("german")
def test_german() -> None:
    assert words.say("Waiting now") == "Jetzt wartend"
    assert words.say("within {limit}", limit="2:00") == "innerhalb von 2:00"
    assert words.plural(1, "in {number} partition", "in {number} partitions") == "in 1 Partition"
    assert words.plural(1234, "in {number} partition", "in {number} partitions") == "in 1.234 Partitionen"
    # Unknown texts and names stay as they are, and the empty one is not the head of the file.
    assert words.say("a queue of somebody's") == "a queue of somebody's"
    assert words.say("") == ""
    assert formats.plural(2, "cow") == "2 cows"


def test_english_is_the_text_itself() -> None:
    assert words.say("{number} min", number=3) == "3 min"
    assert words.say("{braces} without values") == "{braces} without values"
    assert words.plural(1, "{number} man", "{number} men") == "1 man"
    assert words.plural(1000, "{number} man", "{number} men") == "1,000 men"
    assert words.messages("xx").gettext("Queue") == words.messages("../de").gettext("Queue") == "Queue"


def test_a_file_gets_new_texts_keeps_what_was_said_and_loses_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "fr.po"
    texts = [Text("Queue", None, "a:1"), Text("{number} man", "{number} men", "a:2"), Text("Gone", None, "a:3")]
    assert files.update(path, texts) == 3
    path.write_text(path.read_text().replace('msgid "Queue"\nmsgstr ""', 'msgid "Queue"\nmsgstr "File"'))
    before = path.read_text()
    assert files.update(path, [*texts[:2], Text("New", None, "a:4")]) == 1
    text = path.read_text()
    assert 'msgstr "File"' in text
    assert "Gone" not in text
    assert "New" in text
    assert "nplurals=2; plural=(n > 1)" in before
    # Writing it again changes nothing, so that a change of it is a change of words.
    assert files.update(path, [*texts[:2], Text("New", None, "a:4")]) == 0
    assert path.read_text() == text
    faults = files.faults(files.read(path), texts[:2])
    assert faults == ["a:2: no message for '{number} man'"]


def test_one_text_in_two_contexts_has_two_messages(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    texts = [Text("Alerts", None, "a:1"), Text("Alerts", None, "a:2", "page")]
    assert files.update(path, texts) == 2
    before = 'msgctxt "page"\nmsgid "Alerts"\nmsgstr ""'
    path.write_text(path.read_text().replace(before, before[:-1] + 'Alarme"'))
    assert files.faults(files.read(path), texts) == ["a:1: no message for 'Alerts'"]
    assert files.update(path, texts) == 0
    assert 'msgstr "Alarme"' in path.read_text()


@pytest.mark.parametrize("said", ["Noch {rest}", "Noch", "{numbr} min"])
def test_other_names_in_a_message_are_a_fault(tmp_path: Path, said: str) -> None:
    path = tmp_path / "de.po"
    text = Text("{number} min", None, "a:1")
    files.update(path, [text])
    path.write_text(
        path.read_text().replace('msgid "{number} min"\nmsgstr ""', f'msgid "{{number}} min"\nmsgstr "{said}"')
    )
    assert files.faults(files.read(path), [text]) == ["a:1: other names in braces in the message for '{number} min'"]


def test_the_command_lists_what_is_missing_and_writes_nothing_when_it_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(viewer, "MESSAGES", tmp_path)
    assert main(["--check", "fr"]) == 1
    assert not (tmp_path / "fr.po").exists()
    assert "fr.po: boards/live.py:" in capsys.readouterr().out
    assert main(["fr"]) == 1
    assert len(files.read(tmp_path / "fr.po")) > 300


def text_nodes(app: AppTest) -> set[str]:
    markup = "\n".join(element.proto.body for element in app.get("html"))
    nodes = re.split(r"<[^>]*>|\n", re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL))
    labels = [metric.label for metric in app.metric]
    labels += [each.label for each in (*app.selectbox, *app.button, *app.multiselect, *app.text_input)]
    options = [option for each in (*app.selectbox, *app.multiselect) for option in each.options]
    charts = re.findall(r'"title": ?"(.*?)"', "\n".join(each.proto.spec for each in app.get("arrow_vega_lite_chart")))
    return {html.unescape(node).strip() for node in (*nodes, *labels, *options, *charts)}


#: A queue of the stores is called like a text of the board.
NAMES = {"sales"}
#: What a page says at least, in texts that stand alone; an empty list of alerts has little to say.
LEAST_TEXTS = 5
#: Every page, with each of its sections.
PAGES: list[tuple[str, dict[str, str]]] = [
    ("live", {"by": "line"}),
    *(("sales", {"section": name}) for name in ("outbound", "sales", "collections", "surveys")),
    *(("digital", {"section": name}) for name in ("chat", "bots", "backlog")),
    *(("agents", {"show": name}) for name in ("floor", "team")),
    ("whatif", {}),
    ("history", {}),
    *(("alerts", {"view": name}) for name in ("open", "history", "rules")),
    ("health", {}),
    ("wall", {}),
]


def test_every_page_is_looked_at_in_german() -> None:
    assert {name for name, _ in PAGES} == {page.stem for page in pages.built()}


@pytest.mark.parametrize(("page", "query"), PAGES, ids=["-".join([name, *query.values()]) for name, query in PAGES])
def test_a_german_page_has_no_english_left(
    feed_of: FeedOf, several_lines_store: Path, monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str]
) -> None:
    feed_of(several_lines_store)
    _check_german(monkeypatch, page, AT, query)


@pytest.mark.parametrize("view", ["open", "history", "rules"])
def test_german_alerts_have_no_english_left(
    feed_of: FeedOf, alerts_store: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    feed_of(alerts_store)
    _check_german(monkeypatch, "alerts", None, {"view": view})


def _check_german(monkeypatch: pytest.MonkeyPatch, page: str, as_of: datetime | None, query: Mapping[str, str]) -> None:
    """Nothing of what it shows is a text that has a message, and nothing was said that has none."""
    catalog = files.read(viewer.MESSAGES / "de.po")
    said = {text for each in catalog for text in _forms(each.string)}
    english = {text for each in catalog if each.id and each.id != each.string for text in _forms(each.id)} - said
    without: set[str] = set()

    class Nothing(NullTranslations):
        """Notes what is said and has no message."""

        def gettext(self, message: str) -> str:
            without.add(message)
            return message

        def pgettext(self, context: str, message: str) -> str:
            return self.gettext(f"{context}: {message}")

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            return self.gettext(msgid1)

    monkeypatch.setattr(words.messages("de"), "_fallback", Nothing())

    def shown(language: str) -> set[str]:
        app = board(page, as_of, lang=language, **query)
        assert app.query_params["lang"] == language, "the next page's address begins without it"
        return text_nodes(app) - NAMES

    assert len(shown("en") & english) >= LEAST_TEXTS
    without.clear()
    assert shown("de") & english == set()
    assert without == set()


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)
