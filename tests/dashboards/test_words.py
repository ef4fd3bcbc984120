"""Every text of the board is said, and has a message in every language that the board speaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.data.feed import Feed
from dashboards.look import formats, viewer, words
from dashboards.messages import extract, files
from dashboards.messages.__main__ import main
from dashboards.messages.extract import Text, texts_of, unsaid_in
from tests.dashboards.test_live_page import APP

FeedOf = Callable[[Path], Feed]


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    from babel import Locale

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
        'Column("Queue", "left strong")',
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
        ('Column("Queue", "left")', [("Queue", None)]),
        ('Tile("waiting", "moment", label="Waiting", period="now")', [("Waiting", None), ("now", None)]),
        ('plural(n, "{number} man", "{number} men")', [("{number} man", "{number} men")]),
        ('formats.plural(n, "queue")', [("queue", "queues")]),
        ("say(title)", []),
    ],
)
def test_texts_are_read_out_of_the_source(source: str, found: list[tuple[str, str | None]]) -> None:
    assert [(text.one, text.many) for text in texts_of(source, "x.py")] == found


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
    assert "fr.po: app.py:" in capsys.readouterr().out
    assert main(["fr"]) == 1
    assert len(files.read(tmp_path / "fr.po")) > 300


def text_nodes(app: AppTest) -> set[str]:
    html = "\n".join(element.proto.body for element in app.get("html"))
    nodes = re.split(r"<[^>]*>|\n", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
    labels = [metric.label for metric in app.metric] + [box.label for box in app.selectbox]
    options = [option for box in app.selectbox for option in box.options]
    return {node.strip() for node in (*nodes, *labels, *options)}


@pytest.mark.parametrize("page", [None, "boards/health.py"])
def test_a_german_page_has_no_english_left(feed_of: FeedOf, centre_store: Path, page: str | None) -> None:
    feed_of(centre_store)
    catalog = files.read(viewer.MESSAGES / "de.po")
    english = {message.id for message in catalog if message.id and message.id != message.string}

    def shown(language: str) -> set[str]:
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params["lang"] = language
        app.run()
        if page is not None:
            app.switch_page(page).run()
        assert not app.exception
        assert app.query_params["lang"] == language, "the next page's address begins without it"
        return text_nodes(app)

    assert len(shown("en") & english) > 15
    assert shown("de") & english == set()
