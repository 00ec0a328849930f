"""The obvious ways out of a problem, as changes of the document for the editor to offer."""

from __future__ import annotations

from typing import Any, NamedTuple

from orchestrator.domain import references
from orchestrator.domain.document.checking import CheckedStep, Checking
from orchestrator.domain.errors import Fix, Gone, Path, PipelinesError, shortened
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.names import STEP_NAME_LENGTH
from orchestrator.domain.parameters import ParameterSpec, fit_value
from orchestrator.domain.references import Reference

# A fix that carries a large value costs more than it is worth.
LARGEST_VALUE = 20_000


class Field(NamedTuple):
    """A field of a step, or of the document, whose value holds references."""

    step: CheckedStep | None
    name: str
    value: Any

    def path(self, *keys: str) -> Path:
        """The way to something in this field."""
        return self.step.path(self.name, *keys) if self.step else (self.name, *keys)


def for_parent(step: CheckedStep, name: str, meant: str | None) -> Fix:
    """Name the parent that was meant, or leave the unknown one out."""
    parents = [one for one in step.said["parents"] if one != name]
    if meant is None or meant == step.name:
        label = f'Take "{shortened(name, 40)}" out of the parents'
        return Fix(label, ((step.path("parents"), parents),))
    written = [meant if one == name else one for one in step.said["parents"]]
    return Fix(f'Write "{meant}"', ((step.path("parents"), list(dict.fromkeys(written))),))


def for_itself(step: CheckedStep) -> Fix | None:
    """Leave a step out of its own parents, if that is where it stands."""
    parents = step.said.get("parents")
    if not isinstance(parents, list) or step.name not in parents:
        return None
    others = [one for one in parents if one != step.name]
    return Fix("Take it out of its own parents", ((step.path("parents"), others),))


def for_origin(step: CheckedStep, key: str, meant: str | None) -> Fix | None:
    """Name the template or pipeline that was meant."""
    return Fix(f'Write "{meant}"', ((step.path(key), meant),)) if meant else None


def for_version(step: CheckedStep, number: int) -> Fix:
    """Take a version that there is."""
    return Fix(f"Take version {number}", ((step.path("version"), number),))


def for_second(name: str, place: int, taken: set[str]) -> Fix:
    """Give the second of two steps a name of its own; references go on meaning the first."""
    candidates = (_numbered(name, number) for number in range(2, len(taken) + 3))
    free = next(one for one in candidates if one not in taken)
    taken.add(free)
    return Fix(f'Call this one "{free}"', ((("steps", place, "name"), free),))


def _numbered(name: str, number: int) -> str:
    ending = f" {number}"
    return name[: STEP_NAME_LENGTH - len(ending)].rstrip() + ending


def for_unknown_parameter(step: CheckedStep, key: str, meant: str | None) -> Fix:
    """Give the value to the parameter that was meant, or leave it out."""
    given = step.said["parameters"]
    old = (step.path("parameters", key), Gone)
    if meant is None or meant in given:
        return Fix(f'Take out "{shortened(key, 40)}"', (old,))
    return Fix(f'Write "{meant}"', (old, (step.path("parameters", meant), given[key])))


def for_value(step: CheckedStep, key: str, spec: ParameterSpec, value: Any) -> Fix:
    """Write a text as the type that is wanted, else go back to what is declared."""
    place = step.path("parameters", key)
    try:
        read = fit_value(spec, value, from_text=True)
    except PipelinesError:
        what = step.origin.partition(" ")[0]
        return Fix(f"Take the {what}'s own value", ((place, Gone),))
    return Fix(f"Write it as {shortened(references.as_text(read), 40)}", ((place, read),))


def for_missing_value(checking: Checking, step: CheckedStep, name: str) -> Fix:
    """Take the run's parameter of the same name, or ask for a value."""
    bare = name.rpartition("/")[2]
    place = step.path("parameters", name)
    if bare not in checking.parameters:
        return Fix("Give it a value", ask=place)
    reference = str(Reference(references.Source.PIPELINE, references.What.PARAMETERS, (bare,)))
    label = f'Take the run\'s parameter "{bare}"'
    if isinstance(step.said.get("parameters"), dict):
        return Fix(label, ((place, reference),))
    return Fix(label, ((step.path("parameters"), {name: reference}),))


def for_step_in_reference(field: Field, old: str, new: str) -> Fix | None:
    """Name the step that was meant, wherever this field names the one that is not there."""
    return _in_field(field, references.rename_steps(field.value, {old: new}), new)


def for_name_in_reference(field: Field, old: Reference, name: str) -> Fix | None:
    """Name the parameter or output that was meant."""
    new = Reference(old.source, old.what, (name,), old.step, old.each)
    return _in_field(field, references.replace(field.value, old, new), name)


def for_reference(field: Field, old: Reference, new: Reference) -> Fix | None:
    """Write one reference in the place of another."""
    return _in_field(field, references.replace(field.value, old, new), str(new))


def without_script(step: CheckedStep | None, event: str, hooks: list[Any]) -> Fix:
    """Leave out what only a script could answer."""
    others = [one for one in hooks if not (isinstance(one, dict) and one.get("kind") == SCRIPT)]
    place: Path = ("hooks", event)
    label = f"Remove the script's {shortened(event, 40)} callback"
    return Fix(label, ((step.path(*place) if step else place, others or Gone),))


def for_undeclared(checking: Checking, name: str) -> Fix:
    """Declare the parameter that the document's values ask for."""
    declared = checking.document.get("parameters")
    listed = declared if isinstance(declared, list) else []
    return Fix(f'Declare a parameter "{name}"', ((("parameters",), [*listed, {"name": name}]),))


def _in_field(field: Field, value: Any, name: str) -> Fix | None:
    """Set what is new of a field; an object's keys one by one."""
    if "[" in field.name:
        # Inside a list, where no single key leads to it.
        return None
    changed: list[tuple[Path, Any]] = [(field.path(), value)]
    if isinstance(value, dict):
        old = field.value
        new = ((key, inner) for key, inner in value.items() if inner != old[key])
        changed = [(field.path(key), inner) for key, inner in new]
    if value == field.value or len(str(changed)) > LARGEST_VALUE:
        return None
    return Fix(f'Write "{name}"', tuple(changed))
