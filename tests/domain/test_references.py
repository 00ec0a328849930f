"""References: how they are written, renamed and resolved."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import BadReference, CapExceeded, UnresolvedReference
from orchestrator.domain.references import (
    Reference,
    Source,
    What,
    parse,
    references_in,
    rename_steps,
    resolve,
    steps_referenced,
)


def step(name: str, what: What, *path: str, each: bool = False) -> Reference:
    return Reference(Source.STEP, what, path, step=name, each=each)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("${pipeline.rows}", Reference(Source.PIPELINE, What.PARAMETERS, ("rows",))),
        ("${pipeline.run}", Reference(Source.PIPELINE, What.PARAMETERS, ("run",))),
        ("${pipeline.run.id}", Reference(Source.PIPELINE, What.RUN, ("id",))),
        ("${load.id}", step("load", What.ID)),
        ("${load.status}", step("load", What.STATUS)),
        ("${load.parameters.Args/rows}", step("load", What.PARAMETERS, "Args/rows")),
        ("${load.parameters.rows}", step("load", What.PARAMETERS, "General/rows")),
        ("${load.artifacts.data}", step("load", What.ARTIFACTS, "data")),
        ("${load.artifacts.data.url}", step("load", What.ARTIFACTS, "data", "url")),
        ("${load.artifacts.data.size}", step("load", What.ARTIFACTS, "data", "size")),
        ("${load.artifacts.data.hash}", step("load", What.ARTIFACTS, "data", "hash")),
        ("${load.artifacts.data\\.csv}", step("load", What.ARTIFACTS, "data.csv")),
        ("${load.artifacts.`data.csv`.url}", step("load", What.ARTIFACTS, "data.csv", "url")),
        ("${fit.metrics.loss.train}", step("fit", What.METRICS, "loss", "train")),
        ("${fit.models.output.-1.url}", step("fit", What.MODELS, "output", "-1", "url")),
        ("${fit.outputs.score}", step("fit", What.OUTPUTS, "score")),
        ("${fit.score}", step("fit", What.OUTPUTS, "score")),
        ("${fit.outputs.id}", step("fit", What.OUTPUTS, "id")),
        ("${`train a`.score}", step("train a", What.OUTPUTS, "score")),
        ("${v1\\.2.id}", step("v1.2", What.ID)),
        ("${`a``b`.id}", step("a`b", What.ID)),
        ("${fit.`a}b`}", step("fit", What.OUTPUTS, "a}b")),
        ("${Größe.id}", step("Größe", What.ID)),
        ("${train[*].score}", step("train", What.OUTPUTS, "score", each=True)),
        ("${`train a`[*].status}", step("train a", What.STATUS, each=True)),
        ("${item}", Reference(Source.ITEM, What.ITEM)),
        ("${item.key}", Reference(Source.ITEM, What.ITEM, ("key",))),
    ],
)
def test_a_reference_is_read_and_written_again(text: str, reference: Reference) -> None:
    assert parse(text) == (reference,)
    assert parse(str(reference)) == (reference,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${", "closing brace is missing"),
        ("${load.id", "closing brace is missing"),
        ("${}", "a name is missing"),
        ("${.id}", "a name is missing"),
        ("${load..id}", "a name is missing"),
        ("${load.}", "a name is missing"),
        ("${load}", "say what of the step is meant"),
        ("${train a.id}", "is written in back-quotes"),
        ("${ load.id}", "is written in back-quotes"),
        ("${${load.id}}", "is written in back-quotes"),
        ("${`load.id}", "back-quotes enclose"),
        ("${``.id}", "back-quotes enclose"),
        ("${`a`b.id}", "is written in back-quotes"),
        ("${train[3].id}", r"only \[\*\]"),
        ("${train.id[*]}", r"only \[\*\]"),
        ("${pipeline[*].rows}", r"only a step can have \[\*\]"),
        ("${item[*]}", r"only a step can have \[\*\]"),
        ("${pipeline}", "the name of one parameter"),
        ("${pipeline.a.b}", "the name of one parameter"),
        ("${load.id.x}", "nothing may follow"),
        ("${load.outputs}", "one name"),
        ("${load.outputs.a.b}", "one name"),
        ("${load.parameters}", "Section/name"),
        ("${load.artifacts}", "a name"),
        ("${load.artifacts.data.colour}", "perhaps .url"),
        ("${load.metrics.loss}", "TITLE.SERIES"),
        ("${load.models.output}", "output or input"),
        ("${load.models.output.-1.weight}", "url, id or name"),
        ("${load.foo.bar}", '"foo" is none of id, status'),
        ("${HOME:-x}", "is written in back-quotes"),
    ],
)
def test_what_is_not_a_reference_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(BadReference, match=says):
        parse(f"before {text}")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain $ { } text", ("plain $ { } text",)),
        ("$${load.id}", ("${load.id}",)),
        ("a $${b} c", ("a ${b} c",)),
        ("$$${load.id}", ("$${load.id}",)),
        ("<${a.id}>", ("<", step("a", What.ID), ">")),
        ("${a.id}${b.id}", (step("a", What.ID), step("b", What.ID))),
        ("$${${a.id}", ("${", step("a", What.ID))),
    ],
)
def test_text_and_references_are_told_apart(text: str, parts: tuple[object, ...]) -> None:
    assert parse(text) == parts


NESTED = {
    "General/a": "${b.x} and ${`c d`.y}",
    "General/deep": [1, {"key ${z.id}": "${b.x}"}, None, ("${pipeline.rows}",)],
    "General/plain": 3,
}


def test_references_are_found_at_any_depth_once_and_in_order() -> None:
    assert list(map(str, references_in(NESTED))) == [
        "${b.outputs.x}",
        "${`c d`.outputs.y}",
        "${pipeline.rows}",
    ]
    assert steps_referenced(NESTED) == ("b", "c d")


def values(known: dict[str, Any]) -> Any:
    def lookup(reference: Reference) -> Any:
        if str(reference) not in known:
            raise UnresolvedReference(str(reference), "it has not run")
        return known[str(reference)]

    return lookup


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${a.x}", [1, {"k": None}]),
        ("${a.n}", 5),
        ("${a.none}", None),
        ("lr-${a.n}-x", "lr-5-x"),
        ("${a.n}${a.n}", "55"),
        ("${a.x} ${a.yes} ${a.none} ${a.s}", '[1, {"k": null}] true null ü'),
        ("$${a.n}", "${a.n}"),
        ("no reference", "no reference"),
    ],
)
def test_one_alone_keeps_its_type_and_several_become_text(text: str, value: Any) -> None:
    known = {
        "${a.outputs.x}": [1, {"k": None}],
        "${a.outputs.n}": 5,
        "${a.outputs.none}": None,
        "${a.outputs.yes}": True,
        "${a.outputs.s}": "ü",
    }
    assert resolve(text, values(known)).value == value


def test_what_a_reference_gives_is_not_read_again() -> None:
    trap = "${pipeline.secret} $${x}"
    assert resolve("${a.x}", values({"${a.outputs.x}": trap})).value == trap
    assert resolve("<${a.x}>", values({"${a.outputs.x}": trap})).value == f"<{trap}>"


def test_each_reference_is_asked_once_and_reported_in_order() -> None:
    asked = []

    def lookup(reference: Reference) -> int:
        asked.append(str(reference))
        return len(asked)

    resolution = resolve({"p": "${b.x} ${a.x}", "q": ["${b.x}"]}, lookup)
    assert resolution.value == {"p": "1 2", "q": [1]}
    assert asked == ["${b.outputs.x}", "${a.outputs.x}"]
    assert [(str(reference), value) for reference, value in resolution.used] == [
        ("${b.outputs.x}", 1),
        ("${a.outputs.x}", 2),
    ]


def test_a_reference_without_a_value_is_named() -> None:
    with pytest.raises(UnresolvedReference, match=r"\$\{a\.outputs\.x\} has no value: it has not"):
        resolve(["${a.x}"], values({}))


def test_values_nested_too_deeply_are_refused() -> None:
    value: Any = "${a.x}"
    for _ in range(70):
        value = [value]
    with pytest.raises(CapExceeded, match="depth"):
        references_in(value)
    with pytest.raises(CapExceeded, match="depth"):
        resolve(value, values({}))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("${old.x}", "${`new one`.x}"),
        (
            "a ${old.x} b ${old[*].id} c ${other.old}",
            "a ${`new one`.x} b ${`new one`[*].id} c ${other.old}",
        ),
        ("${`old`.artifacts.`a.b`.url}", "${`new one`.artifacts.`a.b`.url}"),
        ("$${old.x} ${old.x} $$", "$${old.x} ${`new one`.x} $$"),
        ("old ${pipeline.old} ${older.x}", "old ${pipeline.old} ${older.x}"),
        ("${old.x} ${broken", "${old.x} ${broken"),
    ],
)
def test_renaming_a_step_touches_nothing_else(before: str, after: str) -> None:
    assert rename_steps({"p": [before]}, {"old": "new one"}) == {"p": [after]}


parts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
made = st.one_of(
    st.builds(
        step,
        parts.filter(lambda name: name not in ("pipeline", "item")),
        st.just(What.OUTPUTS),
        parts,
        each=st.booleans(),
    ),
    st.builds(lambda name: Reference(Source.PIPELINE, What.PARAMETERS, (name,)), parts),
    st.builds(
        lambda name, title, series: step(name, What.METRICS, title, series), parts, parts, parts
    ).filter(lambda reference: reference.step not in ("pipeline", "item")),
)


@given(made)
def test_whatever_the_names_a_written_reference_is_read_as_the_same(reference: Reference) -> None:
    assert parse(f"<{reference}>") == ("<", reference, ">")


pieces = st.sampled_from(
    ["${", "$${", "}", "`", "``", ".", "[*]", "\\.", "a", "pipeline", "item", "id", "outputs", " "]
)


@given(st.one_of(st.lists(pieces, max_size=30).map("".join), st.text(max_size=60)))
def test_any_text_is_read_or_refused_with_our_error(text: str) -> None:
    try:
        read = parse(text)
    except BadReference:
        return
    again = "".join(
        part.replace("${", "$${") if isinstance(part, str) else str(part) for part in read
    )
    assert parse(again) == read
    assert parse(rename_steps(text, {"no such step": "x"})) == read


@pytest.mark.parametrize("piece", ["${", "${`", "``", "${a", "$", "$${", "x", "${`a``", "${a.id}"])
def test_a_megabyte_of_anything_is_read_or_refused(piece: str) -> None:
    text = "${`" * (piece == "``") + piece * (1024 * 1024 // len(piece))
    try:
        said = "".join(map(str, parse(text)))
    except BadReference as error:
        said = error.message
    assert 0 < len(said) < 3 * 1024 * 1024
