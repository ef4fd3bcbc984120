"""What is made of answers, once for all viewers: sixty of them are given the same rows, and most chose the same."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from dashboards.data.connection import Rows

#: Results that are kept: some for each panel, and each choice of those who look.
KEPT = 512
T = TypeVar("T")
_kept: OrderedDict[Hashable, tuple[tuple[Rows, ...], Any]] = OrderedDict()
_lock = Lock()


def shared(make: Callable[..., T], choice: tuple[Hashable, ...], *answers: Rows) -> T:
    """``make(*choice, *answers)``, made anew only when one of the answers is another object than before.

    The feed gives every viewer the same rows and never changes them. ``make`` is a function of a module, pure but for
    what ``choice`` names: a text of the board depends on the viewer's locale too, so that it belongs into ``choice``.
    """
    key = (make, choice)
    found = _kept.get(key)
    if found is None or len(found[0]) != len(answers) or not all(map(operator.is_, found[0], answers)):
        # Two viewers may make the same at once: cheaper than letting one wait for what another one makes.
        found = (answers, make(*choice, *answers))
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    made: T = found[1]
    return made


def forget() -> None:
    """Everything, for a test."""
    with _lock:
        _kept.clear()
