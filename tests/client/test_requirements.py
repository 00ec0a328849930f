"""What code imports and what of it must be installed where it runs."""

from importlib.metadata import version
from pathlib import Path

from pipelines.requirements import local_modules, requirements_of

NUMPY = f"numpy=={version('numpy')}"
PANDAS = f"pandas=={version('pandas')}"


def test_installed_packages_are_pinned_under_the_names_they_are_installed_by():
    source = (
        "import os, json\nimport numpy.linalg as la\nimport yaml\nfrom rest_framework import views"
    )

    assert requirements_of([source]) == [
        f"djangorestframework=={version('djangorestframework')}",
        NUMPY,
        f"pyyaml=={version('PyYAML')}",
    ]


def test_imports_inside_of_functions_count_unless_only_the_modules_own_are_asked_for():
    source = "import numpy\ndef step():\n    import pandas\n    return pandas"

    assert requirements_of([source]) == [NUMPY, PANDAS]
    assert requirements_of([source], module_level=True) == [NUMPY]


def test_a_module_level_try_or_if_is_looked_into_but_not_what_is_for_type_checkers():
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import pandas\n"
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None\n"
    )

    assert requirements_of([source], module_level=True) == [NUMPY]


def test_what_is_not_installed_or_ours_or_beside_the_script_is_no_requirement(tmp_path: Path):
    (tmp_path / "yaml.py").write_text("")

    source = "import no_such_package\nfrom pipelines import Task\nimport yaml"

    assert requirements_of([source], beside=str(tmp_path)) == []


def test_modules_beside_a_script_are_found_with_all_that_they_import(tmp_path: Path):
    (tmp_path / "tools.py").write_text("import shapes.round\nimport json")
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "__init__.py").write_text("")
    (tmp_path / "shapes" / "round.py").write_text("from . import base\nfrom .edges import EDGE")
    (tmp_path / "shapes" / "base.py").write_text("")
    (tmp_path / "shapes" / "edges.py").write_text("")
    (tmp_path / "unused.py").write_text("")

    found = local_modules("from tools import x", str(tmp_path))

    assert sorted(found) == ["shapes", "shapes.base", "shapes.edges", "shapes.round", "tools"]
