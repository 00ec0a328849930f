"""The faults, by kind. Each is put in, stays for a while, is taken out again and told in words."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random

from tests.chaos.meddler import Meddler
from tests.faults.processes import below, command_of, parent_of
from tests.live_stack import SHORT, LiveStack

AGENTS = ("agent", "second")
AGENTS_OF_SCRIPTS = ("agent", "second", "services", "scripts")
LEASE_SECONDS = float(SHORT["PIPELINES_LEASE_SECONDS"])
MEDDLING_SECONDS = 5.0
_SUPERVISOR = "pipelines: supervisor of"


class Nemesis:
    """Breaks one stack, as its chance wants it."""

    def __init__(self, live: LiveStack, chance: Random, agents: Sequence[str] = AGENTS) -> None:
        self._live = live
        self._chance = chance
        self._agents = agents

    def strike(self, kind: str) -> str:
        """Put in a fault of this kind and take it out again; what was done, in words."""
        return KINDS[kind](self)

    def kill_agent(self) -> str:
        return self._kill(self._chance.choice(self._agents))

    def kill_controller(self) -> str:
        return self._kill("controller")

    def kill_web(self) -> str:
        return self._kill("web")

    def kill_redis(self) -> str:
        return self._kill("redis")

    def empty_redis(self) -> str:
        self._live.kill("redis")
        self._live.empty_redis()
        return f"{self._kill('redis')}, emptied"

    def kill_supervisor(self) -> str:
        """Kill one that stands between an agent and a step, or what it was forked from."""
        commands = self._below_agents()
        found = [pid for pid, name in commands.items() if name.startswith(_SUPERVISOR)]
        servers = [pid for pid, name in commands.items() if "forked.server" in name]
        if servers and self._chance.random() < 0.2:
            return _kill_process(self._chance.choice(sorted(servers)), "fork server")
        return self._kill_one(found, "supervisor")

    def kill_user_process(self) -> str:
        commands = self._below_agents()
        supervisors = {pid for pid, name in commands.items() if name.startswith(_SUPERVISOR)}
        found = [pid for pid in set(commands) - supervisors if parent_of(pid) in supervisors]
        return self._kill_one(found, "step's process")

    def stop_agent(self) -> str:
        """An agent that stands still for two leases, and then goes on as if nothing had been."""
        name = self._chance.choice(self._agents)
        self._live.freeze(name)
        try:
            time.sleep(2 * LEASE_SECONDS)
        finally:
            self._live.signal(name, signal.SIGCONT)
        return f"{name} stood still for {2 * LEASE_SECONDS:g} s"

    def meddle(self) -> str:
        meddler = Meddler(self._live.environment["PIPELINES_REDIS_URL"], self._chance)
        time.sleep(MEDDLING_SECONDS)
        meddler.stop()
        return "messages " + ", ".join(f"{n} {deed}" for deed, n in sorted(meddler.done.items()))

    def cut_database(self) -> str:
        return self._live.cut_database(restart=self._chance.random() < 0.3)

    def cut_power(self) -> str:
        for name in list(self._live.children):
            self._live.kill(name)
        self._live.empty_redis()
        time.sleep(self._chance.uniform(0, 1))
        self._live.start_all()
        return "everything killed at once"

    def _kill(self, name: str) -> str:
        self._live.kill(name)
        away = self._chance.choice((0.0, 0.0, self._chance.uniform(0, 2)))
        time.sleep(away)
        self._live.start(name)
        return f"{name} killed" + (f", away for {away:.1f} s" if away else "")

    def _kill_one(self, found: list[int], what: str) -> str:
        # Nothing may be executing at this moment; what was asked for then does not take place.
        return _kill_process(self._chance.choice(sorted(found)), what) if found else f"no {what}"

    def _below_agents(self) -> dict[int, str]:
        """The processes below our agents, each with its command line."""
        agents = [pid for name, pid in self._live.pids.items() if name in self._agents]
        return {pid: command_of(pid) for agent in agents for pid in below(agent)}


KINDS: Mapping[str, Callable[[Nemesis], str]] = {
    "agent": Nemesis.kill_agent,
    "supervisor": Nemesis.kill_supervisor,
    "user": Nemesis.kill_user_process,
    "controller": Nemesis.kill_controller,
    "web": Nemesis.kill_web,
    "redis": Nemesis.kill_redis,
    "empty": Nemesis.empty_redis,
    "stop": Nemesis.stop_agent,
    "messages": Nemesis.meddle,
    "database": Nemesis.cut_database,
    "power": Nemesis.cut_power,
}


def _kill_process(pid: int, what: str) -> str:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return f"{what} killed"
