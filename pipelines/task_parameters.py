"""A task's parameters and configuration: read, changed, and connected with a script's own."""

from __future__ import annotations

from pipelines.task_core import TaskCore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional, Union

_TYPED = {"integer": 0, "number": 0.0, "boolean": False, "string": ""}


class TaskParameters(TaskCore):
    """The values that a task is given. Bare names stand for General/name."""

    def get_parameters(
        self, backwards_compatibility: bool = True, cast: bool = False
    ) -> dict[str, Any]:
        """Give all parameters by their full names.

        With *cast* each has the type that it is declared with; without a declaration a text is
        read as what it stands for.
        """
        if self._is_own:
            values = {**self._parameters.given, **self._parameters.used}
        else:
            values = dict(self._details()["parameters"])
        if not cast:
            return values
        examples = self._examples()
        return {name: _cast(name, value, examples.get(name)) for name, value in values.items()}

    def get_parameters_as_dict(self, cast: bool = False) -> dict[str, Any]:
        """Give all parameters, sections and parts of names as dictionaries in each other."""
        nested: dict[str, Any] = {}
        for name, value in self.get_parameters(cast=cast).items():
            *parts, last = name.split("/")
            place = nested
            for part in parts:
                inner = place.setdefault(part, {})
                place = inner if isinstance(inner, dict) else place
            place[last] = value
        return nested

    def get_parameter(self, name: str, default: Any = None, cast: bool = False) -> Any:
        """Give one parameter; *cast* gives it the default's type.

        A bare name stands for General/name.
        """
        if self._is_own:
            return self._parameters.get(name, default, cast=cast)
        from pipelines.parameters import cast_like, full_name, read_text

        value = self._details()["parameters"].get(full_name(name), default)
        if not cast:
            return value
        return read_text(value) if default is None else cast_like(name, value, default)

    def set_parameters(self, *args: Mapping[str, Any], **kwargs: Any) -> None:
        """Give the task these parameters and no others."""
        values = _given(args, kwargs)
        self._change(replace_parameters=values)
        if self._is_own:
            self._parameters.given.clear()
            self._parameters.used.clear()
            self._parameters.note(values)

    def set_parameters_as_dict(self, dictionary: Mapping[str, Any]) -> None:
        """Give the task these parameters, by section, and no others."""
        self.set_parameters(dictionary)

    def update_parameters(self, *args: Mapping[str, Any], **kwargs: Any) -> None:
        """Change some parameters, and leave the others."""
        values = _given(args, kwargs)
        if self._is_own:
            self._parameters.put(values)
        else:
            self._change(parameters=values)

    def set_parameter(
        self,
        name: str,
        value: Any,
        description: Optional[str] = None,
        value_type: Optional[type] = None,
    ) -> None:
        """Change one parameter."""
        self.update_parameters({name: value if value_type is None else value_type(value)})

    def delete_parameter(self, name: str, force: bool = False) -> bool:
        """Take one parameter away; False when there is none of that name."""
        from pipelines.parameters import full_name

        values = self.get_parameters()
        if full_name(name) not in values:
            return False
        del values[full_name(name)]
        self.set_parameters(values)
        return True

    def connect(
        self, mutable: Any, name: Optional[str] = None, ignore_remote_overrides: bool = False
    ) -> Any:
        """Put the task's parameters over what a script has of its own, in place, keeping types.

        A dictionary, an argparse parser or what it gave, an object or a class with attributes, a
        model. What the script has is the default, and is written back to the task. Of a dictionary
        a proxy is given back: what is assigned to it is written back, too.
        """
        from pipelines.connections import connect

        self._must_be_own("connect parameters to")
        return connect(self._parameters, mutable, name, overlay=not ignore_remote_overrides)

    def connect_configuration(
        self,
        configuration: Any,
        name: Optional[str] = None,
        description: Optional[str] = None,
        ignore_remote_overrides: bool = False,
    ) -> Any:
        """Keep a dictionary or a file with the task; executed by an agent, take the task's.

        Gives back the dictionary, or the path of a file, that the script goes on with.
        """
        from pipelines.configuration import connect_configuration

        self._must_be_own("connect a configuration to")
        return connect_configuration(
            self, configuration, name or "General", overlay=not ignore_remote_overrides
        )

    def get_configuration_objects(self) -> dict[str, str]:
        """Give all configuration texts by name."""
        return dict(self._now().get("configuration") or {})

    def get_configuration_object(self, name: str) -> Optional[str]:
        """Give one configuration as text; None when there is none."""
        return self.get_configuration_objects().get(name)

    def get_configuration_object_as_dict(self, name: str) -> Union[dict[str, Any], list[Any], None]:
        """Give one configuration as the values that it stands for."""
        from pipelines.configuration import read_configuration

        text = self.get_configuration_object(name)
        return None if text is None else read_configuration(name, text)

    def set_configuration_object(
        self,
        name: str,
        config_text: Optional[str] = None,
        description: Optional[str] = None,
        config_type: Optional[str] = None,
        config_dict: Optional[Mapping[str, Any]] = None,
    ) -> None:
        """Keep a configuration with the task; with neither text nor values it is taken away."""
        from pipelines.configuration import write_configuration

        text = config_text if config_dict is None else write_configuration(name, config_dict)
        self._change(configuration={name: text})

    def set_user_properties(self, *iterables: Any, **properties: Any) -> bool:
        """Write properties on the task: parameters of the section "properties"."""
        found: dict[str, Any] = {}
        for one in iterables:
            for entry in [one] if isinstance(one, dict) else one:
                found[entry["name"]] = entry.get("value")
        for key, value in properties.items():
            found[key] = value.get("value") if isinstance(value, dict) else value
        self.update_parameters({f"properties/{key}": value for key, value in found.items()})
        return True

    def get_user_properties(self, value_only: bool = False) -> dict[str, Any]:
        """Give the properties that people and scripts wrote on the task."""
        values = self.get_parameters_as_dict().get("properties") or {}
        if value_only:
            return dict(values)
        return {key: {"name": key, "value": value} for key, value in values.items()}

    def delete_user_properties(self, *iterables: Any) -> bool:
        """Take properties away."""
        names = [name for one in iterables for name in ([one] if isinstance(one, str) else one)]
        done = [self.delete_parameter(f"properties/{name}") for name in names]
        return all(done)

    def _examples(self) -> dict[str, Any]:
        from pipelines.parameters import full_name

        declared = self._details().get("declared") or [] if self._about or not self._is_own else []
        return {full_name(one["name"]): _TYPED.get(one.get("type", "")) for one in declared}


def _given(many: tuple[Mapping[str, Any], ...], more: Mapping[str, Any]) -> dict[str, Any]:
    """Make one dictionary of all, names with their sections."""
    from pipelines.connecting import as_kept, leaves
    from pipelines.parameters import full_name

    values: dict[str, Any] = {}
    for one in (*many, more):
        for key, value in one.items():
            # What is named in full is a value as it is; else a dictionary is a section.
            parts = [(key, value)] if "/" in str(key) else leaves(value, str(key))
            for name, leaf in parts:
                values[full_name(name)] = as_kept(leaf)
    return values


def _cast(name: str, value: Any, example: Any) -> Any:
    from pipelines.parameters import cast_like, read_text

    return read_text(value) if example is None else cast_like(name, value, example)
