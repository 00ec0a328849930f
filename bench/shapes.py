"""The documents that are benched: ordinary templates, ordinary steps."""

from __future__ import annotations

from typing import Any

Steps = list[dict[str, Any]]

Template = dict[str, Any]

NOTHING: Template = {
    "kind": "function",
    "source": "def do_no_work() -> None:\n    pass\n",
    "function": "do_no_work",
}
STAMP: Template = {
    "kind": "function",
    "source": "import time\n\n\ndef say_when() -> dict:\n    return {'at': time.time()}\n",
    "function": "say_when",
}
TUNED: Template = {
    **NOTHING,
    "parameters": [
        {"name": "rows", "type": "integer", "default": 100, "minimum": 1},
        {"name": "rate", "type": "number", "default": 0.1, "minimum": 0, "maximum": 1},
        {"name": "label", "type": "string", "default": ""},
        {"name": "Model/kind", "type": "choice", "default": "tree", "choices": ["tree", "line"]},
    ],
}
FRESH: Template = {"kind": "command", "argv": ["python3", "-c", "pass"]}
CHATTER: Template = {
    "kind": "python",
    "script": "import sys\n\nfor number in range(1_000_000):\n"
    "    sys.stdout.write(f'line {number} of many\\n')\n",
}
TEMPLATES: dict[str, Template] = {
    "no-work": NOTHING,
    "say-when": STAMP,
    "tuned": TUNED,
    "fresh-python": FRESH,
    "million-lines": CHATTER,
}


def chain(length: int, template: str = "no-work") -> Steps:
    """a → b → c → …"""
    return [
        {"name": f"s{n}", "template": template, "parents": [f"s{n - 1}"] if n else []}
        for n in range(length)
    ]


def fan(width: int, template: str = "no-work") -> Steps:
    """One, then so many side by side, then one that joins them."""
    middle = [f"m{n}" for n in range(width)]
    return [
        {"name": "split", "template": template},
        *({"name": name, "template": template, "parents": ["split"]} for name in middle),
        {"name": "join", "template": template, "parents": middle},
    ]


def tuned(count: int) -> Steps:
    """Steps as people write them: overrides, references, retries, words; each after three."""
    return [
        {
            "name": f"step {n}",
            "template": "tuned",
            "parents": [f"step {n - back}" for back in (1, 7, 31) if n >= back],
            "parameters": {
                "General/rows": "${pipeline.rows}",
                "General/rate": 0.5,
                "General/label": f"after ${{`step {n - 1}`.outputs.label}}" if n else "first",
                "Model/kind": "line",
            },
            "retries": {"number": 2, "delay": 1},
            "timeout": 600,
            "group": f"group {n // 20}",
            "tags": ["nightly", "slow"],
            "comment": "Looks at what came before.",
        }
        for n in range(count)
    ]


def layers(count: int, width: int, template: str = "no-work") -> Steps:
    """Layers in which each step follows up to three of the layer before."""
    steps: Steps = []
    for layer in range(count):
        for place in range(width):
            above = {(place + shift) % width for shift in (0, 1, 7)} if layer else set()
            parents = [f"l{layer - 1}-{each}" for each in sorted(above)]
            steps.append({"name": f"l{layer}-{place}", "template": template, "parents": parents})
    return steps
