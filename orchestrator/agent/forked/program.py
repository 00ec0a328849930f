"""The user's process, forked from a warm interpreter: a script run as `python script.py` would.

The end is the interpreter's own, step by step, but only for what the script has made: taking down
all that the fork server had loaded would cost more than everything else about a short step. A
script that has loaded libraries of its own gets the interpreter's whole end: theirs may be in C.
"""

from __future__ import annotations

import atexit
import builtins
import gc
import os
import signal
import sys
import threading
import traceback
import weakref
from importlib.machinery import EXTENSION_SUFFIXES, SourceFileLoader
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_loaded: set[str] = set()


def remember_what_is_loaded() -> None:
    """What is there now is the fork server's, not a script's."""
    _loaded.update(sys.modules)


def run(order: dict[str, Any]) -> None:
    """Run the order's script in this process, and end the process."""
    gc.enable()
    script = order["argv"][1]
    sys.argv[:] = order["argv"][1:]
    sys.orig_argv[:] = order["argv"]
    sys.path.insert(0, os.path.dirname(script))
    code = _run_as_main(script)
    _end(code)


def _run_as_main(path: str) -> int:
    main = ModuleType("__main__")
    loader = SourceFileLoader("__main__", path)
    main.__dict__.update(
        __file__=path, __cached__=None, __builtins__=builtins, __loader__=loader, __spec__=None
    )
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            compiled = compile(file.read(), path, "exec", dont_inherit=True)
        exec(compiled, main.__dict__)
    except SystemExit as ending:
        return _code_of(ending)
    except BaseException as error:
        return _show(error)
    return 0


def _code_of(ending: SystemExit) -> int:
    if ending.code is None:
        return 0
    if isinstance(ending.code, int):
        return ending.code & 0xFF
    _flush()
    sys.stderr.write(f"{ending.code}\n")
    return 1


def _show(error: BaseException) -> int:
    """Show an error as the interpreter does: the script's own lines, not ours."""
    own = error.__traceback__
    below = own.tb_next if own is not None else None
    error.__traceback__ = below
    _flush()
    try:
        sys.excepthook(type(error), error, below)
    except SystemExit as ending:
        return _code_of(ending)
    except BaseException as another:
        sys.stderr.write("Error in sys.excepthook:\n")
        traceback.print_exception(another)
        sys.stderr.write("\nOriginal exception was:\n")
        traceback.print_exception(error)
    return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1


def _end(code: int) -> None:
    if code >= 0 and _has_loaded_libraries():
        sys.exit(code)
    # In the order of Py_FinalizeEx.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    _flush()
    _let_go()
    if not _flush() and code == 0:
        code = 120
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _has_loaded_libraries() -> bool:
    new = [module for name, module in sys.modules.items() if name not in _loaded]
    suffixes = tuple(EXTENSION_SUFFIXES)
    return any(str(getattr(module, "__file__", None) or "").endswith(suffixes) for module in new)


def _let_go() -> None:
    """Drop what the script has made: files that it left open are written to their end.

    As the interpreter does it: what lives is visited once before it is dropped, for only then are
    a file's parts finalized from the outermost to the innermost, and nothing is lost. Modules are
    collected whole first, so that finalizers still find what they need; those that somebody
    holds are emptied then.
    """
    gc.collect()
    names = [name for name in sys.modules if name not in _loaded and name != "__main__"]
    modules = [sys.modules.pop(name) for name in ("__main__", *reversed(names))]
    held = [weakref.ref(module) for module in modules if isinstance(module, ModuleType)]
    del modules
    gc.collect()
    for reference in held:
        module = reference()
        if module is not None:
            for key in module.__dict__.keys() - {"__builtins__"}:
                module.__dict__[key] = None
    gc.collect()


def _flush() -> bool:
    """Write out what the standard streams still hold; false when that is not possible."""
    done = True
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception:
            done = False
    return done
