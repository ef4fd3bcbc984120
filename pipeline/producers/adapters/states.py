"""What a centre says that a source's own names of agents' states mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

from pipeline.errors import CallboardError
from pipeline.producers.adapters.words import word

#: The contract's states, and one that ends the agent's presence.
Meaning = Literal["available", "on_contact", "wrap_up", "break", "unavailable", "signed_out"]
MEANINGS: Final = get_args(Meaning)
SIGNED_OUT: Final = "signed_out"


def read_states(said: Iterable[str]) -> dict[str, str]:
    """``['Team Meeting=unavailable']`` as {'Team Meeting': 'unavailable'}.

    Raises:
        CallboardError: it is not NAME=STATE, the state is none, or a name has two.
    """
    found: dict[str, str] = {}
    for each in said:
        name, _, state = (part.strip() for part in each.rpartition("="))
        if word(name) is None or state not in MEANINGS:
            words = ", ".join(MEANINGS)
            raise CallboardError(f"--state {each!r} is not understood: give NAME=STATE with one of {words}")
        if any(word(name) == word(known) and state != other for known, other in found.items()):
            raise CallboardError(f"--state {name!r} is given two meanings: leave one out")
        found[name] = state
    return found


def by_word(states: Mapping[str, str]) -> Mapping[str, str]:
    """The same by the word of each name: 'team meeting' is written in many ways."""
    return {key: state for name, state in states.items() if (key := word(name)) is not None}
