"""Where in a script something was asked for, and for which time.

What a script makes it makes under such a key: a script that runs again, because its machine died,
asks for the same things under the same keys and is given what is there already.
"""

from __future__ import annotations

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Optional

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep

_counts: dict[str, int] = {}
_counting = threading.Lock()


def key_for(word: str) -> str:
    """Name this call: what is done, the first line outside this package, and the count there."""
    site = f"{word} {_site()}"
    with _counting:
        _counts[site] = number = _counts.get(site, 0) + 1
    return f"{site} #{number}"


def _site() -> str:
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is None:
        return "?"
    # The folder is another one each time that an agent executes the script.
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
