"""What the verbs of the queue log say about agents."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.producers.adapters.asterisk.lines import Line
from pipeline.producers.adapters.asterisk.names import Clients, code
from pipeline.producers.adapters.asterisk.rosters import Rosters, Said


class AgentVerbs:
    """Turns a record about an agent into states. What names no queue holds for every client the agent works for."""

    def __init__(self, rosters: Rosters, clients: Clients) -> None:
        """``rosters`` says the states."""
        self._rosters = rosters
        self._clients = clients
        self.verbs: dict[str, Callable[[Line, str, str], Said]] = {
            "ADDMEMBER": self._add,
            "ADDMEMBER2": self._add,
            "REMOVEMEMBER": lambda line, client, agent: self._rosters.left(line.time, client, agent, line.queue),
            "PAUSE": lambda line, client, agent: self._pause(line, client, agent, paused=True),
            "UNPAUSE": lambda line, client, agent: self._pause(line, client, agent, paused=False),
            "PAUSEALL": lambda line, client, agent: self._pause(line, client, agent, paused=True),
            "UNPAUSEALL": lambda line, client, agent: self._pause(line, client, agent, paused=False),
            "PAUSEREASON": self._reason,
            "AGENTLOGIN": self._log_in,
            "AGENTCALLBACKLOGIN": self._log_in,
            "AGENTLOGOFF": lambda line, client, agent: self._rosters.logged_off(line.time, agent, client),
            "AGENTCALLBACKLOGOFF": lambda line, client, agent: self._rosters.logged_off(line.time, agent, client),
            # These change how calls are dealt out, and no state.
            "PENALTY": lambda _line, _client, _agent: [],
            "RINGINUSE": lambda _line, _client, _agent: [],
        }

    def _add(self, line: Line, client: str, agent: str) -> Said:
        paused = line.text(1).upper() == "PAUSED"
        return self._rosters.joined(line.time, client, agent, line.queue, paused=paused)

    def _pause(self, line: Line, client: str, agent: str, paused: bool) -> Said:
        reason, queue = code(line.text(1)), line.queue or None
        said: Said = []
        for one in [client] if queue else self._of(agent, client):
            said += self._rosters.paused(line.time, one, agent, queue, paused, reason)
        return said

    def _reason(self, line: Line, client: str, agent: str) -> Said:
        reason = code(line.text(1))
        said: Said = []
        for one in self._of(agent, client):
            said += self._rosters.reason(line.time, one, agent, reason)
        return said

    def _log_in(self, line: Line, client: str, agent: str) -> Said:
        said: Said = []
        for one in self._of(agent, client):
            said += self._rosters.logged_in(line.time, one, agent)
        return said

    def _of(self, agent: str, client: str) -> list[str]:
        return self._rosters.clients_of(agent) or [client]
