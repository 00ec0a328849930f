"""The run page asks for little JavaScript before it can be used; the rest comes on demand."""

import gzip
from pathlib import Path

from pipelines_ui.modules import imported_by

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "static" / "js"
ENTRIES = ("theme.js", "app.js", "run/main.js")
MOST_BYTES = 80 * 1024
# What only some people use on some visits.
ON_DEMAND = (
    "run/table.js",
    "run/seek.js",
    "run/nested.js",
    "graph/minimap.js",
    "graph/folding.js",
    "graph/editing/editing.js",
    "widgets/log_view.js",
    "pages/dialogs.js",
    "pages/code_editor.js",
)


def modules_of(entries: tuple[str, ...]) -> set[Path]:
    """The entries and everything that they import before they run."""
    return {ROOT / "static" / name for name in imported_by(*(f"js/{one}" for one in entries))}


def test_the_run_page_loads_at_most_80_kilobytes_of_javascript() -> None:
    sizes = {
        module.relative_to(SCRIPTS).as_posix(): len(gzip.compress(module.read_bytes(), 6))
        for module in modules_of(ENTRIES)
    }
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    assert len(sizes) > 30, "the imports were not found"
    assert sum(sizes.values()) <= MOST_BYTES, f"{sum(sizes.values())} bytes; largest: {largest}"


def test_what_few_visits_need_is_fetched_on_demand() -> None:
    modules = modules_of(ENTRIES)
    assert [name for name in ON_DEMAND if (SCRIPTS / name).resolve() in modules] == []
