"""The store's copy: versions, an invalid file, and readers that poll while it is replaced."""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.centre import kept
from pipeline.centre.kept import NO_CENTRE, KeptCentre, apply_centre
from pipeline.centre.problems import CentreFileError
from pipeline.store.layout import StoreLayout
from tests.centre.files import EXAMPLE, SMALL

FIRST, SECOND = SMALL.encode(), SMALL.replace("Acme", "Acme Limited").encode()


@pytest.fixture
def layout(tmp_path: Path) -> StoreLayout:
    return StoreLayout(tmp_path / "store")


def versions(layout: StoreLayout) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in layout.centre_versions.glob("*.yaml"))


def title(centre: KeptCentre) -> str | None:
    found = centre.current().centre
    return found.clients["acme"].title if found else None


def test_each_version_is_kept_and_the_same_again_is_none(layout: StoreLayout) -> None:
    first, again, second = (apply_centre(layout, content, "c.yaml") for content in (FIRST, FIRST, SECOND))
    assert (first.changed, again.changed, second.changed) == (True, False, True)
    assert first.version == again.version
    assert first.version.startswith("0001-")
    assert second.version.startswith("0002-")
    back = apply_centre(layout, FIRST, "c.yaml")
    assert back.changed
    assert back.version.startswith("0003-")
    assert layout.centre.read_bytes() == FIRST
    assert (layout.centre_versions / f"{second.version}.yaml").read_bytes() == SECOND
    assert versions(layout) == ["0001", "0002", "0003"]


def test_an_invalid_file_changes_nothing(layout: StoreLayout) -> None:
    with pytest.raises(CentreFileError, match=r"c\.yaml has 1 error"):
        apply_centre(layout, b"version: 9", "c.yaml")
    assert not layout.folder.exists()


def test_the_centre_is_read_only_when_its_file_has_changed(
    layout: StoreLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []
    parse = kept.parse_centre
    monkeypatch.setattr(kept, "parse_centre", lambda content, file: parsed.append(content) or parse(content, file))
    centre = KeptCentre(layout)
    assert centre.current() is NO_CENTRE
    apply_centre(layout, FIRST, "c.yaml")
    parsed.clear()
    found = centre.current()
    assert all(centre.current() is found for _ in range(10))
    assert parsed == [FIRST]
    apply_centre(layout, SECOND, "c.yaml")
    parsed.clear()
    assert centre.current() is not found
    assert title(centre) == "Acme Limited"
    assert parsed == [SECOND]


def test_without_the_file_there_is_no_centre(layout: StoreLayout) -> None:
    apply_centre(layout, FIRST, "c.yaml")
    centre = KeptCentre(layout)
    assert title(centre) == "Acme"
    layout.centre.unlink()
    assert centre.current() is NO_CENTRE
    assert centre.refused is None


def test_a_file_that_became_invalid_leaves_the_last_good_one_in_force_and_is_reported_once(
    layout: StoreLayout, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    applied = apply_centre(layout, FIRST, "c.yaml")
    centre = KeptCentre(layout, publisher=True)
    good = centre.current()
    layout.centre.write_text("version: 1\nclients: {secret-name: {titel: x}}\n")
    assert all(centre.current() is good for _ in range(5))
    assert isinstance(centre.refused, CentreFileError)
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == [
        f"centre.yaml has 1 error, the first in line 2: version {applied.version} stays in force; "
        "'callboard centre check' says what is wrong, 'callboard centre apply' puts a good file there"
    ]
    # Another wrong file is another report; a good one ends it.
    layout.centre.write_text("version: 1\n\nfoo: 2\n")
    assert centre.current() is good
    apply_centre(layout, SECOND, "c.yaml")
    assert title(centre) == "Acme Limited"
    assert centre.refused is None
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2
    assert "secret-name" not in caplog.text


def test_a_process_that_starts_while_the_file_is_invalid_takes_the_newest_good_version(layout: StoreLayout) -> None:
    apply_centre(layout, FIRST, "c.yaml")
    applied = apply_centre(layout, SECOND, "c.yaml")
    # As a newer callboard may have left it, and something that is no version at all.
    (layout.centre_versions / "0003-00000000.yaml").write_text("version: 2\n")
    (layout.centre_versions / "notes.yaml").write_text("hello\n")
    layout.centre.write_text("[")
    centre = KeptCentre(layout)
    assert title(centre) == "Acme Limited"
    assert centre.current().version == applied.version


def test_an_invalid_file_and_no_version_is_no_centre(layout: StoreLayout, caplog: pytest.LogCaptureFixture) -> None:
    layout.folder.mkdir()
    layout.centre.write_text("[")
    assert KeptCentre(layout, publisher=True).current() is NO_CENTRE
    assert "no centre is in force" in caplog.text


def test_a_file_that_cannot_be_read_is_refused(layout: StoreLayout) -> None:
    apply_centre(layout, FIRST, "c.yaml")
    centre = KeptCentre(layout)
    good = centre.current()
    layout.centre.unlink()
    layout.centre.mkdir()
    assert centre.current() is good
    assert "cannot read the store's centre.yaml: Is a directory" in str(centre.refused)


def test_a_publisher_keeps_a_version_of_what_was_edited_by_hand(layout: StoreLayout) -> None:
    apply_centre(layout, FIRST, "c.yaml")
    layout.centre.write_bytes(SECOND)
    looking, publishing = KeptCentre(layout), KeptCentre(layout, publisher=True)
    assert str(looking.current().version).startswith("edited-")
    assert versions(layout) == ["0001"]
    assert str(publishing.current().version).startswith("0002-")
    assert versions(layout) == ["0001", "0002"]
    # Old content that comes back by hand is an old version: a publisher that is late must not make it the newest.
    layout.centre.write_bytes(FIRST)
    assert str(publishing.current().version).startswith("0001-")
    assert versions(layout) == ["0001", "0002"]


def test_readers_that_poll_see_the_old_centre_or_the_new_one(layout: StoreLayout) -> None:
    contents = [EXAMPLE + b"#" * (100 * number) for number in range(40)]
    apply_centre(layout, contents[0], "c.yaml")
    done = threading.Event()
    seen: list[set[str | None]] = [set() for _ in range(3)]

    def poll(number: int) -> int:
        centre, looks = KeptCentre(layout, publisher=True), 0
        while not done.is_set():
            found = centre.current()
            assert found.centre is not None
            assert centre.refused is None
            seen[number].add(found.version)
            looks += 1
        return looks

    with ThreadPoolExecutor(3) as pool:
        polling = [pool.submit(poll, number) for number in range(3)]
        applied = [apply_centre(layout, content, "c.yaml").version for content in contents]
        done.set()
        assert all(each.result() > 0 for each in polling)
    assert set().union(*seen) <= set(applied)
    assert len(set().union(*seen)) > 1
    assert len(versions(layout)) == len(contents)
    assert not list(layout.folder.glob(f".centre*{os.getpid()}"))


def test_two_who_apply_at_once_do_not_give_a_number_twice(layout: StoreLayout) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: apply_centre(layout, SMALL.encode() + b"#" * n, "c.yaml"), range(20)))
    assert versions(layout) == [f"{number:04d}" for number in range(1, 21)]
