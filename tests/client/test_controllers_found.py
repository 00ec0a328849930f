"""Controllers that wait as drafts, are found again, copied, enqueued, and made of a script."""

from __future__ import annotations

from tests.client.shell import Shell
from tests.client.test_controllers import ended, script, steps, templates


def test_a_draft_is_found_copied_and_enqueued(shell: Shell) -> None:
    templates(shell)
    drafted = shell.run(script("drafted.py"), "drafted.py")
    assert "is a draft" in drafted.stdout
    assert "rows" not in drafted.stdout
    path = str(shell.folder / "drafted.py")
    done = shell.run(script("finding.py"), "finding.py", more={"SCRIPT": path})
    said = done.stdout.splitlines()
    of = "Could not find pipeline with pipeline_project=shell, pipeline_name="
    assert said[:4] == [
        "found 0.1 ['nightly'] draft",
        f"{of}Drafted, pipeline_version=7",
        f"{of}Nowhere",
        f"{of}Drafted, pipeline_tags=['weekly']",
    ]
    assert said[4] == "clone True draft"
    clone = {"id": said[6].removeprefix("clone is ")}
    made = {"id": said[5].split()[1]}
    assert said[5].endswith(" 3.0")
    for run in (ended(shell, clone), ended(shell, made)):
        log = shell.log(run["id"])
        assert run["status"] == "completed", log
        assert [row["status"] for row in steps(shell, run).values()] == ["completed"]
        assert log.startswith("rows 1 0.1 ['nightly']")
        artifacts = shell.get(f"tasks/{run['id']}/artifacts/")
        assert [row["name"] for row in artifacts["results"]] == ["table"]
        series = shell.get(f"tasks/{run['id']}/samples/")
        assert ("rows", 3) in [(row["series"], row["last"]) for row in series]
