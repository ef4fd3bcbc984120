"""centre.yaml files for tests, and what the parser says about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import strategies as st

from pipeline.centre.parse import parse_centre
from pipeline.centre.problems import CentreFileError

EXAMPLE = files("pipeline.centre").joinpath("example.yaml").read_bytes()

#: A small file on which tests build; it is valid.
SMALL = """\
version: 1
clients:
  acme: {title: Acme, time_zone: Europe/Berlin}
queues:
  acme:
    sales: {line: inbound-sales, channel: voice}
"""


def problems(text: str | bytes) -> list[str]:
    """What is wrong with a file, one line each."""
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(CentreFileError) as raised:
        parse_centre(content, "c.yaml")
    assert raised.value.exit_code == 1
    assert f"c.yaml has {len(raised.value.problems)} error" in str(raised.value)
    return raised.value.lines()


def moments_between(start: datetime, stop: datetime) -> st.SearchStrategy[datetime]:
    """Aware moments in UTC, to the microsecond."""
    micros = (stop - start) // timedelta(microseconds=1)
    return st.integers(0, micros).map(lambda count: start + timedelta(microseconds=count))
