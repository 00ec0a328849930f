"""The sample works on real data: its scores and pictures follow from the data it is given."""

import csv
import io
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Callable

from tests.client.workshop import Workshop
from tests.sample.sample_run import DATA, DOCUMENT, SampleRun, script_of

TRAININGS = ("softmax-slow", "softmax-fast", "neighbours", "forest")


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_models_read_digits_far_better_than_chance(whole_run: SampleRun) -> None:
    for name in TRAININGS:
        assert whole_run.steps[name].outputs["test"] > 0.8, name
    assert whole_run.outputs["score"] > 0.95


def test_the_best_by_validation_is_chosen_and_judged_by_the_test_rows(
    whole_run: SampleRun,
) -> None:
    best = max(TRAININGS, key=lambda name: whole_run.steps[name].outputs["validation"])
    assert whole_run.outputs["best"] == best
    assert whole_run.outputs["score"] == whole_run.steps[best].outputs["test"]
    compared = table(whole_run.steps["compare"].content("comparison"))
    assert {row["model"] for row in compared} == set(TRAININGS)


def test_scores_are_those_of_the_predictions(whole_run: SampleRun) -> None:
    for name in TRAININGS:
        step = whole_run.steps[name]
        rows = table(step.content("predictions"))
        right = sum(row["digit"] == row["guess"] for row in rows)
        assert step.outputs["test"] == right / len(rows)
        assert len(rows) == whole_run.steps["split"].outputs["test_rows"]


def test_no_row_is_both_learnt_from_and_judged_by(whole_run: SampleRun) -> None:
    split = whole_run.steps["split"]
    parts = [set(split.content(name).splitlines()[1:]) for name in ("train", "validation", "test")]
    rows = whole_run.steps["clean"].outputs["rows"]
    assert sum(map(len, parts)) == len(set().union(*parts)) == rows == 1797


def test_half_the_data_changes_score_and_picture(whole_run: SampleRun, half_run: SampleRun) -> None:
    assert half_run.steps["load"].outputs["rows"] == 898
    assert half_run.outputs["score"] != whole_run.outputs["score"]
    for picture in ("picture", "mistakes"):
        of_half, of_all = (run.steps["report"].content(picture) for run in (half_run, whole_run))
        assert of_half != of_all


def test_shuffled_labels_leave_no_model_better_than_chance(
    run_sample: Callable[..., SampleRun],
) -> None:
    shuffled = run_sample(shuffle_labels=True)
    for name in TRAININGS:
        assert shuffled.steps[name].outputs["test"] < 0.2, name
    assert shuffled.outputs["score"] < 0.2


def test_the_same_parameters_give_the_same_result(
    half_run: SampleRun, run_sample: Callable[..., SampleRun]
) -> None:
    again = run_sample(rows_fraction=0.5)
    for name, step in half_run.steps.items():
        assert again.steps[name].outputs == step.outputs, name


def test_the_pictures_are_pictures(whole_run: SampleRun) -> None:
    report = whole_run.steps["report"]
    picture = ElementTree.fromstring(report.content("picture"))
    words = "".join(picture.itertext())
    assert all(name in words for name in TRAININGS)
    assert report.about("picture")["media_type"] == "image/svg+xml"
    png = report.content("mistakes")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    length = struct.unpack(">I", png[33:37])[0]
    assert len(zlib.decompress(png[41 : 41 + length])) == (width * 3 + 1) * height
    assert report.about("mistakes")["media_type"] == "image/png"


def test_the_report_counts_every_test_row(whole_run: SampleRun) -> None:
    rows = table(whole_run.steps["report"].content("confusion"))
    counts = [int(value) for row in rows for name, value in row.items() if name != "digit"]
    assert sum(counts) == whole_run.steps["split"].outputs["test_rows"]
    right = sum(int(row[f"read as {row['digit']}"]) for row in rows)
    assert right / sum(counts) == whole_run.outputs["score"]


def test_trainings_can_be_watched(whole_run: SampleRun, sample_workshop: Workshop) -> None:
    for name in TRAININGS:
        assert len(whole_run.steps[name].stdout.splitlines()) >= 5, name
    series = {(one["title"], one["series"]) for one in sample_workshop.server.samples}
    assert {("loss", "train"), ("accuracy", "validation"), ("accuracy", "forest")} <= series
    assert 1.0 in sample_workshop.server.progress


def test_cleaning_leaves_out_what_cannot_be_right(workshop: Workshop) -> None:
    rows = ["p00,p01,digit", "1,0,3", "1,0,3", "17,0,3", "2,0,11", ",0,3", "1,0", "5,0,4"]
    address = workshop.server.add_artifact("t", "data", "\n".join(rows).encode())
    step = workshop.run(script_of("sample/clean"), {"General/data": address})
    assert step.content("data").decode().split() == ["p00,digit", "1,3", "5,4"], step.stderr
    found = dict(line.rsplit(": ", 1) for line in step.stdout.splitlines())
    assert found == {
        "rows read": "7",
        "rows kept": "2",
        "rows double": "1",
        "rows out of range": "2",
        "rows incomplete": "2",
        "columns dropped": "1",
    }


def test_the_line_breaks_as_often_as_it_is_told(workshop: Workshop) -> None:
    script = script_of("sample/download")
    given = {"General/source": str(DATA), "General/seconds": 0.1}
    broken = workshop.run(script, {**given, "General/break_chance": 1})
    assert broken.exit_code == 1
    assert "the line broke" in broken.stderr
    whole = workshop.run(script, {**given, "General/break_chance": 0})
    assert whole.content("data") == DATA.read_bytes(), whole.stderr


def test_every_step_of_the_document_has_its_script() -> None:
    for step in DOCUMENT["steps"]:
        assert script_of(step["template"]).exists()
