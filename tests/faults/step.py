"""The program that each step of a workload executes: short, and its own witness.

Called with FOLDER STEP SECONDS GATE. It writes into a file of its own execution, with one append
each, that it began and that it ended; a lock on the step's file shows whether another execution
of the same step lives, whatever the clocks say. With a gate it stays until the test opens it.
"""

import fcntl
import os
import sys
import time

PATIENCE_SECONDS = 600


def main() -> int:
    folder, step, seconds, gate = sys.argv[1:5]
    task, _, fence = os.environ["PIPELINES_TASK"].partition(".")
    # The clock that all processes of a machine share and nobody sets.
    start = time.monotonic()
    record = os.open(f"{folder}/{task}.{fence}", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    lock = os.open(f"{folder}/{step}.lock", os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(record, f"began {task} {fence} {step} {start!r}\n".encode())
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.write(record, f"beside {task} {fence} {step} {start!r}\n".encode())
    time.sleep(float(seconds))
    while gate and not os.path.exists(f"{folder}/{gate}.open"):
        if time.monotonic() > start + PATIENCE_SECONDS:
            return 3
        time.sleep(0.02)
    os.write(record, f"ended {task} {fence} {step} {start!r} {time.monotonic()!r}\n".encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
