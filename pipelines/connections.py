"""Which way a script's own values are connected, by what they are."""

from __future__ import annotations

from pipelines.connecting import ConnectedDict, connect_attributes
from pipelines.parameters import DEFAULT_SECTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from pipelines.parameters import Parameters


def connect(
    parameters: Parameters, mutable: Any, name: Optional[str], *, overlay: bool = True
) -> Any:
    """Connect a thing; raises TypeError for one that holds no values by name."""
    if isinstance(mutable, dict):
        section = name or DEFAULT_SECTION
        parameters.connect(mutable, section, overlay=overlay)
        return ConnectedDict(mutable, section, lambda key, value: parameters.put({key: value}))
    if hasattr(mutable, "parse_known_args") and hasattr(mutable, "_actions"):
        from pipelines.arguments import connect_parser

        connect_parser(mutable, parameters)
    elif _is_namespace(mutable):
        connect_attributes(mutable, name or "Args", parameters, sorted(vars(mutable)))
    elif type(mutable).__module__ == "pipelines.models":
        mutable.note_in(parameters, name)
    elif isinstance(mutable, type) or hasattr(mutable, "__dict__"):
        connect_attributes(mutable, name or DEFAULT_SECTION, parameters)
    else:
        raise TypeError(
            f"a {type(mutable).__name__} cannot be connected; "
            "give a dictionary, an argparse parser, or something that has attributes"
        )
    return mutable


def _is_namespace(thing: Any) -> bool:
    import sys

    argparse = sys.modules.get("argparse")
    return argparse is not None and isinstance(thing, argparse.Namespace)
