"""The JavaScript of others is what VENDOR.toml says, and needs nothing that is not here."""

import re
from pathlib import Path

import pytest

from tools import vendor


@pytest.mark.parametrize("folder", vendor.FOLDERS, ids=lambda folder: str(folder.parent.name))
def test_every_vendored_file_is_what_was_pinned(folder: Path) -> None:
    assert vendor.problems(folder) == []


@pytest.mark.parametrize("package", vendor.pinned(), ids=lambda package: str(package["name"]))
def test_a_vendored_module_imports_vendored_modules_only(package: vendor.Package) -> None:
    text = (vendor.FOLDER / package["file"]).read_text(encoding="utf-8")
    imported = re.findall(r"""(?m)^import [^'"\n]*["']([^"']+)["']""", text)
    files = {one["file"] for one in vendor.pinned()}
    for name in imported:
        assert name.removeprefix("../") in files
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("folder", vendor.FOLDERS, ids=lambda folder: str(folder.parent.name))
def test_each_licence_is_kept_beside_it(folder: Path) -> None:
    licences = (folder / "LICENCES.txt").read_text(encoding="utf-8")
    for package in vendor.pinned(folder):
        # What only the tests use is not handed on with the product.
        assert package["licence"] == "MIT" or folder == vendor.FOR_TESTS
        assert f"{package['name']} {package['version']}\n" in licences


def test_words_that_look_like_an_import_stay_as_they_are() -> None:
    source = "import { a } from 'other'\nconst text = \"from 'nowhere'\"\n"
    led = vendor.relative_imports(source, "folder/one.js", {"other": "folder/two.js"})
    assert "from '../folder/two.js'" in led
    assert "from 'nowhere'" in led


def test_an_import_that_is_not_pinned_is_told_of() -> None:
    with pytest.raises(SystemExit, match="nobody"):
        vendor.relative_imports("import x from 'nobody'\n", "one.js", {})
