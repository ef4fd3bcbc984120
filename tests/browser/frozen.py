"""The board at a moment that does not pass: ``python -m tests.browser.frozen MOMENT run served.py ...``.

Everything else is as ``callboard dashboard`` starts it. Intervals go on, so that panels refresh.
"""

from __future__ import annotations

import sys
from datetime import datetime

from streamlit.web.cli import main

from pipeline.clock import SystemClock


def freeze(moment: datetime) -> None:
    """From now on it is that moment in this process."""
    SystemClock.now = lambda self: moment  # type: ignore[method-assign]


if __name__ == "__main__":
    freeze(datetime.fromisoformat(sys.argv[1]))
    sys.argv = ["streamlit", *sys.argv[2:]]
    main()
