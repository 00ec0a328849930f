"""Documents lead where they say: links to files that exist, decisions by numbers without gaps."""

import re
from pathlib import Path

import pytest

from tests.house.test_the_tree import ROOT, kept_files

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = [path for path in kept_files() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# What a program prints or a person types is no link.
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """What a link to a heading is called where the document is shown."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(document: Path) -> list[str]:
    """The links of a document that lead nowhere in this folder; addresses of others are theirs."""
    found = []
    for link in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_documents_links_lead_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [path.name.partition("-")[0] for path in DECISIONS]
    expected = [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert numbers == expected, "the next decision takes the next number, whatever it was called"


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_headed_by_its_number_and_a_sentence(decision: Path) -> None:
    first = decision.read_text(encoding="utf-8").partition("\n")[0]
    number = int(decision.name.partition("-")[0])
    assert re.fullmatch(rf"# {number}\. \S.*[^.]", first), first


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# One\n\n## What `it` is, or was\n", encoding="utf-8")
    document = tmp_path / "links.md"
    document.write_text(
        "[a](there.md) [b](there.md#what-it-is-or-was) [c](https://example.org/d) `[e](f)`\n"
        "[g](away.md) [h](there.md#two) ![i](i.png) [j](#k)\n",
        encoding="utf-8",
    )
    assert broken(document) == ["away.md", "there.md#two", "i.png", "#k"]
