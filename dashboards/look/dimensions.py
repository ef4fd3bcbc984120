"""What a number can be of, in words: one name for each attribute of queues, agents and contacts."""

from __future__ import annotations

from dashboards.look.words import mark

TITLES = {
    "client": mark("Client"),
    "line": mark("Line of business"),
    "queue": mark("Queue"),
    "channel": mark("Channel"),
    "direction": mark("Direction"),
    "language": mark("Language"),
    "skill": mark("Skill"),
    "site": mark("Site"),
    "agent": mark("Agent"),
    "team": mark("Team"),
    "campaign": mark("Campaign"),
}
