"""What an outcome code means, by centre.yaml."""

from __future__ import annotations

from pipeline.centre.model import Centre
from pipeline.centre.vocabulary import EVERY_CLIENT


def flags_of(centre: Centre | None, client: str, disposition: str | None) -> tuple[str, ...]:
    """The flags of a client's disposition, such as ('sale',); none without a centre, or for a code it does not name."""
    if centre is None or disposition is None:
        return ()
    for owner in (client, EVERY_CLIENT):
        found = centre.dispositions.get(owner, {}).get(disposition)
        if found is not None:
            return found.flags
    return ()
