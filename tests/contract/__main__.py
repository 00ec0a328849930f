"""More of it by hand: `python -m tests.contract --seed 7 --examples 100 [WHO…]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.contract.asking_at_random import OFFLINE, WHO, World, failures_of
from tests.contract.document import fetch_document
from tests.live_stack import SHORT, LiveStack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("who", nargs="*", default=WHO)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--phases", default="coverage,fuzzing")
    parser.add_argument("--only", default="", help="ids of operations, with commas")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pipelines-contract-"))
    live = LiveStack(folder, times={**SHORT, **OFFLINE})
    try:
        live.start_all()
        world = World(live)
        path = fetch_document(live.base_url, world.tokens["admin"], folder)
        for who in given.who:
            began = time.monotonic()
            done = world.ask(
                who,
                path,
                seed=given.seed,
                examples=given.examples,
                phases=given.phases,
                seconds=3600,
                only=given.only,
            )
            took = time.monotonic() - began
            sys.stdout.write(f"== {who}: {done.returncode} in {took:.0f} s\n")
            sys.stdout.write(failures_of(done.stdout) + done.stderr)
            if not world.counts(who):
                sys.stdout.write("its token counts no more\n")
            sys.stdout.flush()
        sys.stdout.write(live.children["web"].last_lines(400))
    finally:
        live.stop_all()


if __name__ == "__main__":
    main()
