"""The small program between an agent and a user's process: it ends when either does.

Forked from the fork server, one for each attempt, so it imports next to nothing. It starts the
user's process in a group of its own, tells the agent on its status pipe how it ended, one JSON
object a line, and takes orders through another: first the length and the marshalled order to
start, then lines:

    lease SECONDS         the agent still holds the task's lease, for so long
    end CAUSE SECONDS     end everything: TERM, and KILL after so many seconds

End of file there means that the agent is gone. Whatever the reason: nothing of the attempt may be
left when this program ends. Being a child subreaper it inherits every orphan of its attempt, so
having no child left proves that no descendant is; processes that carry the attempt's marker in
their environment are looked for as well.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress

from . import appearance  # noqa: TID252 - loaded under two names, see __init__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TERM, KILL, CONT = 15, 9, 18
STARTED = "started"
NOT_STARTED = "not_started"
ENDED = "ended"

AGENT_LOST = "agent"
LEASE = "lease"
TIMEOUT = "timeout"

_ORDERS, _STATUS, _ERRORS = 0, 1, 2
_SUBREAPER = 36
_REAP_EVERY_SECONDS = 5.0
_LEFTOVERS_GRACE_SECONDS = 2.0
_NOTICE_SECONDS = 0.1
_KILL_PATIENCE_SECONDS = 10.0

_libc = ctypes.CDLL(None)


class Supervisor:
    """One attempt: its process, its deadlines, and how it came to an end."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.marker: bytes = order["marker"].encode()
        self.grace: float = order["grace"]
        self.started = time.monotonic()
        self.leased_until = self.started + order["lease"]
        self.pid = 0
        self.status: int | None = None
        self.cause = ""
        self.forced = False
        self.survivors: list[int] = []
        self._unread = b""
        self._orders_open = True
        self._watched: list[int] = [_ORDERS]

    def run(self) -> bool:
        """Start the process, wait for its end or for the order to end it, leave nothing behind.

        It is true in the process that has been forked for a script, which is still to be run.
        """
        os.chdir(self.order["cwd"])
        try:
            self.pid = _fork(self.order) if self.order["is_script"] else _spawn(self.order)
        except OSError as error:
            _write(not_started(error))
            return False
        if self.pid == 0:
            return True
        _tell('{"event":"%s","supervisor":%d,"pid":%d}', STARTED, os.getpid(), self.pid)
        if hasattr(os, "pidfd_open"):
            self._watched.append(os.pidfd_open(self.pid))
        self._wait_for_an_end()
        left = 0
        if self.cause:
            self._end_all()
        elif self._stays_behind():
            left = len(descendants(os.getpid()))
            self.grace = min(self.grace, _LEFTOVERS_GRACE_SECONDS)
            self._end_all()
        self._tell_end(left)
        return False

    def _stays_behind(self) -> bool:
        """True when descendants outlive the process by more than it takes them to notice."""
        until = time.monotonic() + _NOTICE_SECONDS
        while self._has_children():
            if time.monotonic() >= until:
                return True
            time.sleep(0.005)
        return False

    def _wait_for_an_end(self) -> None:
        deadline = self.started + self.order["timeout"] if self.order["timeout"] else None
        while self.status is None and not self.cause:
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                self.cause = TIMEOUT
            elif now >= self.leased_until:
                self.cause, self.grace = LEASE, min(self.grace, self.order["lost_grace"])
            else:
                nearest = min(self.leased_until, deadline or self.leased_until)
                self._watch(min(nearest - now, _REAP_EVERY_SECONDS))

    def _watch(self, seconds: float) -> None:
        """Sleep until the process ends, an order comes, or the time is over."""
        if len(self._watched) < 2:
            seconds = min(seconds, 0.05)
        poller = select.poll()
        for descriptor in self._watched[0 if self._orders_open else 1 :]:
            poller.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poller.poll(max(seconds, 0) * 1000 + 1)}
        self._reap()
        if _ORDERS in ready and self.status is None:
            self._take_orders()

    def _take_orders(self) -> None:
        data = os.read(_ORDERS, 4096)
        if not data:
            self._orders_open = False
            # Nobody is left who could wait for a long grace.
            self.cause = self.cause or AGENT_LOST
            self.grace = min(self.grace, self.order["lost_grace"])
            return
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            words = line.decode().split()
            if words[0] == "lease":
                self.leased_until = time.monotonic() + float(words[1])
            elif words[0] == "end":
                self.cause = self.cause or words[1]
                self.grace = min(self.grace, float(words[2]))

    def _end_all(self) -> None:
        """TERM everything, KILL after the grace what is still there, until nothing is."""
        began = time.monotonic()
        self._signal_all(TERM)
        self._signal_all(CONT)
        pause = 0.005
        while not self._is_gone():
            waited = time.monotonic() - began
            if waited >= self.grace:
                self.forced = True
                self._signal_all(KILL)
            if waited >= self.grace + _KILL_PATIENCE_SECONDS:
                self.survivors = sorted(descendants(os.getpid()) | marked(self.marker))
                return
            self._rest(min(pause, max(self.grace - waited, 0.005)))
            pause = min(pause * 2, 0.1)

    def _rest(self, seconds: float) -> None:
        if not self._orders_open:
            time.sleep(seconds)
        elif select.select([_ORDERS], [], [], seconds)[0]:
            self._take_orders()

    def _signal_all(self, number: int) -> None:
        everybody = descendants(os.getpid()) | marked(self.marker)
        if self.status is None:
            # Who is in the step's group gets the signal with it, and must not get it twice.
            everybody = {pid for pid in everybody if _group_of(pid) != self.pid}
            _send(os.killpg, self.pid, number)
        for pid in everybody:
            _send(os.kill, pid, number)

    def _is_gone(self) -> bool:
        return not self._has_children() and not marked(self.marker)

    def _has_children(self) -> bool:
        return self._reap()

    def _reap(self) -> bool:
        """Collect the dead; true while a living child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.status = status

    def _tell_end(self, left: int) -> None:
        code = signal = "null"
        if self.status is not None:
            if os.WIFSIGNALED(self.status):
                signal = str(os.WTERMSIG(self.status))
            else:
                code = str(os.WEXITSTATUS(self.status))
        _tell(
            '{"event":"%s","code":%s,"signal":%s,"cause":"%s","left":%d,"forced":%s,'
            '"survivors":%s,"peak":%d}',
            ENDED,
            code,
            signal,
            self.cause,
            left,
            "true" if self.forced else "false",
            self.survivors,
            _peak_bytes(),
        )


def marked(marker: bytes) -> set[int]:
    """The living processes, apart from this one, that carry the marker in their environment."""
    found = set()
    for pid in _processes():
        try:
            with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
                environment = file.read()
        except OSError:
            continue
        if marker in environment and marker in environment.split(b"\0"):
            found.add(pid)
    return found


def descendants(ancestor: int) -> set[int]:
    """The living processes below one, zombies left out."""
    children: dict[int, list[int]] = {}
    zombies = set()
    for pid in _processes():
        try:
            with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
                # The name, in brackets, may hold anything.
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        children.setdefault(int(parent), []).append(pid)
        if state in (b"Z", b"X"):
            zombies.add(pid)
    found: set[int] = set()
    heads = [ancestor]
    while heads:
        below = children.get(heads.pop(), [])
        found.update(below)
        heads.extend(below)
    return found - zombies


def _processes() -> list[int]:
    own = str(os.getpid())
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != own]
    except FileNotFoundError:
        return []


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _send(how: Any, target: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        how(target, number)


def _spawn(order: dict[str, Any]) -> int:
    """Start the user's process; of our descriptors it gets its output pipes and nothing else."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, order["out"], 1),
        (os.POSIX_SPAWN_DUP2, order["err"], 2),
    ]
    for descriptor in (order["out"], order["err"]):
        os.set_inheritable(descriptor, False)
    pid = os.posix_spawn(
        order["argv"][0],
        order["argv"],
        order["env"],
        file_actions=actions,
        setpgroup=0,
        setsigmask=(),
        # HUP, INT, QUIT, PIPE, TERM, XFSZ: whoever started the agent may have ignored them.
        setsigdef=(1, 2, 3, 13, TERM, 25),
    )
    _close_outputs(order)
    return pid


def _fork(order: dict[str, Any]) -> int:
    """Start the user's process as a copy of this one, to run a script; zero in it."""
    pid = os.fork()
    if pid:
        _send(os.setpgid, pid, pid)
        _close_outputs(order)
        return pid
    os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((null, 0), (order["out"], 1), (order["err"], 2)):
        os.dup2(descriptor, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    appearance.show_environment(order["env"])
    appearance.show_arguments(order["argv"])
    os.environ.update(order["env"])
    return 0


def _close_outputs(order: dict[str, Any]) -> None:
    # The pipes end when the last of the user's processes does, not when we do.
    os.close(order["out"])
    os.close(order["err"])


def not_started(error: OSError) -> bytes:
    """Say that there is no process, and why."""
    return b'{"event":"%s","errno":%d}\n' % (NOT_STARTED.encode(), error.errno or 0)


def _tell(template: str, *values: object) -> None:
    _write((template % values + "\n").encode())


def _peak_bytes() -> int:
    """The most memory that any one process of the attempt has had."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _write(data: bytes) -> None:
    with suppress(BrokenPipeError):
        os.write(_STATUS, data)


def _become_subreaper() -> None:
    if sys.platform.startswith("linux") and _libc.prctl(_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("cannot become a child subreaper")


def _read_order() -> dict[str, Any]:
    size = int(_read_exactly(8))
    order: dict[str, Any] = marshal.loads(_read_exactly(size))
    return order


def _read_exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = os.read(_ORDERS, size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def supervise(orders: int, status: int, out: int, err: int) -> dict[str, Any] | None:
    """Supervise one attempt, in a fresh fork; gives its order in the process that is the step's."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor, number in ((orders, _ORDERS), (status, _STATUS), (err, _ERRORS)):
        os.dup2(descriptor, number)
    os.close(orders)
    os.close(status)
    order = _read_order()
    order.update(out=out, err=err)
    # Whatever becomes of this process, it can be told whose it was; and it knows nothing else.
    os.environ.clear()
    appearance.show_environment({name: order["env"][name] for name in order["markers"]})
    appearance.show_arguments(["pipelines: supervisor of", order["marker"]])
    _become_subreaper()
    return order if Supervisor(order).run() else None
