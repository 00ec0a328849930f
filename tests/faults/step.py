"""The program that each step of a workload executes: short, and its own witness.

Called with FOLDER STEP SECONDS GATE [FAILS LINES TEMPER]. It writes into a file of its own
execution, with one append each, that it began and how it ended; a lock on the step's file shows
whether another execution of the same step lives, whatever the clocks say. With a gate it stays
until the test opens it. It fails so often, prints so many lines and leaves an artifact, of which it
writes down size and hash. Its temper: `deaf` to TERM, or the parent of a deaf `daemon` besides.
"""

import fcntl
import hashlib
import os
import signal
import sys
import time

PATIENCE_SECONDS = 600
DAEMON_SECONDS = 120


def main() -> int:
    folder, step, seconds, gate, fails, lines, temper = [*sys.argv[1:], "0", "0", ""][:7]
    task, _, fence = os.environ["PIPELINES_TASK"].partition(".")
    # The clock that all processes of a machine share and nobody sets.
    start = time.monotonic()
    record = os.open(f"{folder}/{task}.{fence}", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    lock = os.open(f"{folder}/{step}.lock", os.O_CREAT | os.O_RDWR, 0o600)

    def witness(word: str, *facts: object) -> None:
        line = " ".join(map(str, (word, task, fence, step, *facts)))
        os.write(record, f"{line}\n".encode())

    witness("began", start)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        witness("beside", start)
    if temper:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if temper == "daemon":
        _leave_a_daemon()
    if int(lines):
        witness("said", *_size_and_hash(_say(int(lines), f"{task}.{fence}")))
        witness("kept", *_size_and_hash(_keep(f"{task}.{fence}")))
    time.sleep(float(seconds))
    while gate and not os.path.exists(f"{folder}/{gate}.open"):
        if time.monotonic() > start + PATIENCE_SECONDS:
            return 3
        time.sleep(0.02)
    # As many bytes as it has failed, in the file that nobody else has locked.
    if os.fstat(lock).st_size < int(fails):
        os.lseek(lock, 0, os.SEEK_END)
        os.write(lock, b".")
        witness("failed", start, time.monotonic())
        return 1
    witness("ended", start, time.monotonic())
    return 0


def _leave_a_daemon() -> None:
    """Forked twice, in a session of its own; it holds the step's lock for as long as it lives."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(DAEMON_SECONDS)
        os._exit(0)
    os.wait()


def _say(lines: int, mark: str) -> bytes:
    said = "".join(f"{mark} line {number}\n" for number in range(lines)).encode()
    for start in range(0, len(said), 4096):
        os.write(1, said[start : start + 4096])
    return said


def _keep(mark: str) -> bytes:
    kept = mark.encode() * 100
    with open(os.path.join(os.environ["PIPELINES_DIR"], "artifacts", "kept"), "wb") as file:
        file.write(kept)
    return kept


def _size_and_hash(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
