"""What the steps of this agent use: processor time and memory of each attempt's processes.

One thread looks at all attempts in one pass over /proc, at the first time when an attempt is a
second old and then every two; what is shorter is never looked at. The figures are samples of the
attempt under a title of their own.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.db import Error, connection
from django.utils import timezone

from orchestrator import announce
from orchestrator.agent.held import Held, Holdings
from orchestrator.models import Sample

logger = logging.getLogger(__name__)

TITLE = ":resources"
CPU, MEMORY, PEAK = "cpu", "memory", "memory peak"
FIRST_AFTER_SECONDS = 1.0
EVERY_SECONDS = 2.0
_MEBIBYTE = 1024 * 1024
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    own_seconds: float
    reaped_seconds: float
    resident_bytes: int


@dataclass(slots=True)
class _Seen:
    """What was last seen of an attempt."""

    due: float
    at: float
    cpu_seconds: float = 0.0
    samples: int = 0
    most_bytes: int = 0


class Usage:
    """The thread that samples what is held."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._seen: dict[Held, _Seen] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="agent-usage", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(5)

    def end(self, held: Held, peak_bytes: int) -> None:
        """An attempt has ended; if it was looked at, its peak is kept beside the samples."""
        with self._lock:
            seen = self._seen.pop(held, None)
        if seen is not None and seen.samples:
            peak = max(peak_bytes, seen.most_bytes) / _MEBIBYTE
            self._store([_sample(held, PEAK, 0, time.monotonic(), peak)])

    def _work(self) -> None:
        while not self._stopped.wait(FIRST_AFTER_SECONDS):
            self._forget_ended()
            now = time.monotonic()
            due = [held for held in self._holdings.all() if self._is_due(held, now)]
            if due:
                try:
                    self._look(due)
                except OSError as error:
                    logger.warning("what the steps use cannot be read: %s", error)
        connection.close()

    def _is_due(self, held: Held, now: float) -> bool:
        if not held.supervisor_pid:
            return False
        seen = self._seen.get(held)
        return now >= (seen.due if seen else held.begun_at + FIRST_AFTER_SECONDS)

    def _look(self, due: list[Held]) -> None:
        processes = _processes()
        below = _children(processes)
        samples: list[Sample] = []
        for held in due:
            now = time.monotonic()
            tree = _tree(held.supervisor_pid, below)
            known = {pid: processes[pid] for pid in tree if pid in processes}
            supervisor = processes.get(held.supervisor_pid)
            if not known or supervisor is None:
                continue
            # Who was collected already counts by the times of the one who did so.
            cpu = supervisor.reaped_seconds + sum(
                process.own_seconds + process.reaped_seconds for process in known.values()
            )
            memory = _memory(known)
            with self._lock:
                seen = self._seen.setdefault(held, _Seen(due=held.begun_at, at=held.begun_at))
                percent = max(cpu - seen.cpu_seconds, 0) / max(now - seen.at, 0.001) * 100
                samples += (
                    _sample(held, CPU, seen.samples, now, percent),
                    _sample(held, MEMORY, seen.samples, now, memory / _MEBIBYTE),
                )
                seen.at, seen.cpu_seconds, seen.due = now, cpu, now + EVERY_SECONDS - 0.1
                seen.samples += 1
                seen.most_bytes = max(seen.most_bytes, memory)
        self._store(samples)

    def _forget_ended(self) -> None:
        held = set(self._holdings.all())
        with self._lock:
            for ended in self._seen.keys() - held:
                del self._seen[ended]

    def _store(self, samples: list[Sample]) -> None:
        try:
            Sample.objects.bulk_create(samples, ignore_conflicts=True)
        except Error as error:
            # A figure is not worth waiting for.
            logger.warning("what the steps use could not be stored: %s", error)
            connection.close()
            return
        announce.poke(*{f"task:{sample.task_id}" for sample in samples})


def _sample(held: Held, series: str, n: int, now: float, value: float) -> Sample:
    task_id, fence = held.key
    return Sample(
        task_id=task_id,
        fence=fence,
        title=TITLE,
        series=series,
        n=n,
        step=int(now - held.begun_at),
        value=round(value, 2),
        at=timezone.now(),
    )


def _processes() -> dict[int, _Process]:
    found = {}
    names = os.listdir("/proc") if os.path.isdir("/proc/self") else []
    for name in names:
        if not name.isdigit():
            continue
        with suppress(OSError, IndexError, ValueError):
            with open(f"/proc/{name}/stat", "rb", buffering=0) as file:
                # The name, in brackets, may hold anything.
                fields = file.read().rpartition(b")")[2].split()
            user, system, reaped_user, reaped_system = map(int, fields[11:15])
            found[int(name)] = _Process(
                parent=int(fields[1]),
                own_seconds=(user + system) / _TICKS_A_SECOND,
                reaped_seconds=(reaped_user + reaped_system) / _TICKS_A_SECOND,
                resident_bytes=int(fields[21]) * _PAGE_BYTES,
            )
    return found


def _children(processes: dict[int, _Process]) -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for pid, process in processes.items():
        children.setdefault(process.parent, []).append(pid)
    return children


def _tree(top: int, children: dict[int, list[int]]) -> set[int]:
    """All below one process."""
    found: set[int] = set()
    heads = [top]
    while heads:
        below = [pid for pid in children.get(heads.pop(), []) if pid not in found]
        found.update(below)
        heads += below
    return found


def _memory(processes: dict[int, _Process]) -> int:
    """The memory of them all; pages that several share count once, where that can be told."""
    if len(processes) == 1:
        return sum(process.resident_bytes for process in processes.values())
    return sum(_share(pid, process.resident_bytes) for pid, process in processes.items())


def _share(pid: int, otherwise: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return _pss(file) or otherwise
    except OSError:
        return otherwise


def _pss(lines: Iterable[bytes]) -> int:
    for line in lines:
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return 0
