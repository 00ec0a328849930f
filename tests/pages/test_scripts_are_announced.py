"""Every page announces what its scripts import, so that a browser need not find out in turns."""

import re
from pathlib import Path

from tests.pages.world import World

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"


def imported_by(path: Path, found: set[Path]) -> set[Path]:
    for name in re.findall(r'(?:from|import) "(\.[^"]+)"', path.read_text(encoding="utf-8")):
        module = (path.parent / name).resolve()
        if module not in found:
            found.add(module)
            imported_by(module, found)
    return found


def test_what_every_page_imports_is_announced(world: World) -> None:
    page = world.client("ada").get("/pipelines/").content.decode()
    announced = set(re.findall(r'rel="modulepreload" href="/static/[^/]+/js/([^"]+)"', page))
    modules = imported_by(SCRIPTS / "app.js", set())
    assert announced == {module.relative_to(SCRIPTS).as_posix() for module in modules}
