"""The bench's own arithmetic, and that what it benches is nothing special to the product."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from bench import processes, report, shapes
from bench.arithmetic import percentile, ratio, short, spread
from bench.budgets import BUDGETS, Figure

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("orchestrator", "pipelines_ui", "pipelines")


def product_files() -> dict[Path, str]:
    return {
        path: path.read_text(encoding="utf-8")
        for package in PRODUCT
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def hashes_of(template: shapes.Template) -> set[str]:
    """What a definition's hash, or one of its code, could be."""
    body = {key: value for key, value in template.items() if key not in ("kind", "function")}
    if "function" in template:
        body["name"] = template["function"]
    full = json.dumps({"kind": template["kind"], "body": body}, sort_keys=True, ensure_ascii=False)
    texts = [full, *(value for value in body.values() if isinstance(value, str))]
    return {hashlib.sha256(text.encode()).hexdigest() for text in texts}


@pytest.mark.parametrize("slug", sorted(shapes.TEMPLATES))
def test_the_product_does_not_know_what_is_benched(slug: str) -> None:
    template = shapes.TEMPLATES[slug]
    source = template.get("source") or template.get("script", "")
    telling = [*hashes_of(template), *re.findall(r"def (\w+)\(", source)]
    telling += [source] if source else ["python3 -c pass", '"-c", "pass"']
    # As a literal: the bare word may stand in a sentence.
    literals = [f"{quote}{word}{quote}" for word in (slug, *telling) for quote in "'\""]
    for path, text in product_files().items():
        for word in (*literals, *(each for each in telling if len(each) > 20)):
            assert word not in text, f"{path.relative_to(ROOT)} knows {word}"


def test_the_product_does_not_import_the_bench() -> None:
    knows = re.compile(r"^\s*(?:import|from) bench\b|\bBENCH_", re.MULTILINE)
    assert [path for path, text in product_files().items() if knows.search(text)] == []


def test_the_hash_that_is_looked_for_is_that_of_the_product() -> None:
    source = (ROOT / "orchestrator" / "store" / "definitions.py").read_text(encoding="utf-8")
    assert 'json.dumps({"kind": kind, "body": kept}, sort_keys=True, ensure_ascii=False)' in source


def test_percentiles_are_nearest_ranks() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1)] == [50, 95, 100]
    assert percentile([7.0], 0.95) == 7
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2


def test_a_ratio_is_that_of_the_medians() -> None:
    assert ratio([4.0, 100.0, 6.0], [1.0, 2.0, 50.0]) == 3
    assert spread([0.002, 0.001, 0.0123]) == "2.00 (1.00–12.3) ms"
    assert [short(value) for value in (0.5, 12.34, 1234.5)] == ["0.50", "12.3", "1,234"]


def test_a_figure_is_judged_by_its_budget() -> None:
    verdicts = [Figure(key="chain", value=value).verdict for value in (2.5, 2.6, 4.0, 4.01)]
    assert verdicts == ["aim met", "must met", "must met", "NOT MET"]
    assert Figure(key="other", value=1, what="beside", unit="s").verdict == ""
    assert all(budget.aim < budget.must for budget in BUDGETS.values())


def test_the_table_says_what_the_figures_say() -> None:
    figures = [
        Figure(key="pss", value=120.4, stack="embedded", beside="6 processes"),
        Figure(key="more", what="one more", value=3, unit="s", stack="server"),
    ]
    told = report.as_markdown(figures, ["quiet"]).splitlines()
    assert told[2].startswith("| embedded | whole stack idle, memory (PSS) | 120 MiB | 300 | 220 |")
    assert told[2].endswith("| aim met | 6 processes |")
    assert told[3] == "| server | one more | 3.00 s |  |  |  |  |"
    assert told[-1] == "* quiet"


def test_the_shapes_are_what_they_are_called() -> None:
    assert [step["parents"] for step in shapes.chain(3)] == [[], ["s0"], ["s1"]]
    fan = shapes.fan(4)
    assert (len(fan), len(fan[-1]["parents"])) == (6, 4)
    layers = shapes.layers(3, 10)
    names = {step["name"] for step in layers}
    assert len(names) == 30
    assert all(set(step["parents"]) <= names for step in layers)
    assert max(len(step["parents"]) for step in layers) == 3


def test_a_process_is_found_with_what_it_has_used() -> None:
    tree = processes.tree_of([os.getpid()])
    assert os.getpid() in tree
    assert processes.cpu_seconds(tree) > 0
    assert processes.pss_mib([os.getpid()]) > 1
    assert processes.cpu_seconds([2**22 + 1]) == 0
