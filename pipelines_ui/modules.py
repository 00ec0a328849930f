"""Which modules a script imports before it runs, so that a page can ask for all of them at once.

Without that a browser learns of a module only when it has read the one that imports it: five
requests one after the other, where one round is enough.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_STATIC = Path(__file__).resolve().parent.parent / "static"
_IMPORT = re.compile(r'^(?:import|export)\s[^;()]*?"(\.[^"]+)";', re.MULTILINE)


@lru_cache(maxsize=32)
def imported_by(*entries: str) -> tuple[str, ...]:
    """The files below static/ that these import, and they themselves, each once."""
    found: dict[Path, None] = {}
    waiting = [_STATIC / entry for entry in entries]
    while waiting:
        module = waiting.pop(0).resolve()
        if module in found:
            continue
        found[module] = None
        names = _IMPORT.findall(module.read_text(encoding="utf-8"))
        waiting += [module.parent / name for name in names]
    return tuple(module.relative_to(_STATIC).as_posix() for module in found)
