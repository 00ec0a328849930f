"""The document's schema, version 1, as a JSON Schema in a plain dictionary.

The editor's forms are made from it. ``x-supported: false`` marks what is settled but not built:
the check answers ``not_supported`` to it, and forms do not offer it. ``x-supported-values`` does
the same for single words of an ``enum``, of which ``x-unoffered`` are those that only scripts
write; ``x-kinds`` names the kinds of steps that a key is for.
``x-code`` is the language of a text, ``x-when`` says beside which word (or which words) of other
keys a key is of use, ``x-starts`` what a new one begins with. Other keys that begin with ``x-``
are anybody's.
"""

from typing import Any

from orchestrator.domain.graph import RETRY_ON, STEP_KINDS, Kind, Trigger
from orchestrator.domain.parameters import ParameterType

VERSION = 1

Schema = dict[str, Any]


def _object(
    properties: dict[str, Schema], *, required: tuple[str, ...] = (), **more: Any
) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _map(values: Schema, description: str, **more: Any) -> Schema:
    return {
        "type": "object",
        "additionalProperties": values,
        "description": description,
        **more,
    }


def _list(items: Schema, description: str, **more: Any) -> Schema:
    return {"type": "array", "items": items, "default": [], "description": description, **more}


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _integer(description: str, **more: Any) -> Schema:
    return {"type": "integer", "description": description, **more}


def _number(description: str, **more: Any) -> Schema:
    return {"type": "number", "description": description, **more}


def _yes_no(description: str, **more: Any) -> Schema:
    return {"type": "boolean", "default": False, "description": description, **more}


def _seconds(description: str, **more: Any) -> Schema:
    return {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": f"{description}, in seconds",
        **more,
    }


ANYTHING: Schema = {}
LATER: dict[str, Any] = {"x-supported": False}
_TASKS: dict[str, Any] = {"x-kinds": [str(Kind.TASK)]}
_NESTED: dict[str, Any] = {"x-kinds": [str(Kind.PIPELINE)]}
_ASKING: dict[str, Any] = {"x-kinds": [str(Kind.APPROVAL)]}
_MADE: dict[str, Any] = {"x-kinds": [str(Kind.TASK), str(Kind.PIPELINE)]}

_RETRIES = _object(
    {
        "number": _integer(
            "How often a failed step is tried again", minimum=0, maximum=100, default=0
        ),
        "delay": _number("Seconds before the first retry", minimum=0, default=0),
        "factor": _number("Each further delay is so many times longer", minimum=1, default=1),
        "jitter": _number("Random part of a delay, 0 to 1", minimum=0, maximum=1, default=0),
        "limit": _number("No delay is longer than so many seconds", minimum=0),
        "on": _list(
            {"type": "string", "enum": list(RETRY_ON)},
            "After which ends a step is tried again; crashed ones are, at most twice in a row",
            default=list(RETRY_ON),
        ),
    },
    description="When a step is tried again by itself",
)

_HOOK = _object(
    {
        "kind": {
            "type": "string",
            "enum": ["python", "webhook", "script"],
            "description": "Python that runs as a task of its own, an address that is called, "
            "or the Python script that drives the run",
            "x-unoffered": ["script"],
        },
        "code": _text(
            "It defines hook(event)",
            **{"x-code": "python", "x-starts": "def hook(event):\n    print(event)\n"},
            **{"x-when": {"kind": "python"}},
        ),
        "url": _text(
            "Gets the event as JSON, signed", title="URL", **{"x-when": {"kind": "webhook"}}
        ),
        "timeout": _seconds("Longest time to wait for it; 600 if nothing is said"),
    },
    required=("kind",),
)


def _hooks(description: str, events: dict[str, str], **more: Any) -> Schema:
    lists = {name: _list(_HOOK, about, maxItems=20) for name, about in events.items()}
    return _object(lists, description=description, **more)


_VALUE = {"description": "Any JSON value; strings may hold references"}

_OF_NUMBERS = {"x-when": {"type": [str(ParameterType.INTEGER), str(ParameterType.NUMBER)]}}

PARAMETER = _object(
    {
        "name": _text("Name, once in its list"),
        "type": {
            "type": "string",
            "enum": [str(one) for one in ParameterType],
            "default": "string",
        },
        "default": {"description": "Value when none is given"},
        "required": _yes_no("A value must be given"),
        "choices": _list(ANYTHING, "The values that are allowed"),
        "minimum": _number("Smallest number allowed", **_OF_NUMBERS),
        "maximum": _number("Largest number allowed", **_OF_NUMBERS),
        "help": _text("One line for the form", default=""),
        "section": _text("Heading in the form", default=""),
    },
    required=("name",),
    description="A parameter of the pipeline",
)

_VERSION = {
    "anyOf": [{"type": "integer", "minimum": 1}, {"const": "latest"}],
    "x-says": 'a version number from 1, or "latest"',
    "description": "Fixed version; without it publishing takes the one that is current",
    **_MADE,
}

_FOR_EACH = _object(
    {
        "list": {
            "anyOf": [{"type": "array"}, {"type": "string"}],
            "x-says": "a list, or a reference to one",
            "description": "One item for each element",
        },
        "max_parallel": _integer("So many items at a time", minimum=1),
    },
    required=("list",),
    description="Done once for each item of a list",
)


_TITLE_THERE = {"title": "Title in the run"}
_SERIES_THERE = {"title": "Series in the run"}


def _kept_in_run(key: str, what: str, name: str) -> Schema:
    """What a step leaves and its run has, too, under the same name or another."""
    one = {
        key: _text(name, minLength=1),
        "as": _text("Its own if nothing is said", title="Name in the run", minLength=1),
    }
    about = f"{what} that the run has, too, when the step has ended"
    return _list(_object(one, required=(key,)), about, title=what, **_TASKS)


ROLES = ("viewer", "operator", "editor", "admin")

_APPROVAL = _object(
    {
        "form": _list(PARAMETER, "What the person fills in"),
        "roles": _list(
            {"type": "string", "enum": list(ROLES)},
            "Who may answer: one of these roles in the project or a higher one; else operators",
        ),
        "deadline": _seconds("Longest time to wait for an answer"),
        "on_deadline": {
            "type": "string",
            "enum": ["approve", "reject"],
            "default": "reject",
            "description": "What counts as the answer when nobody gives one in time",
        },
    },
    description="What a person is asked",
    **_ASKING,
)

STEP = _object(
    {
        "name": _text("Identity of the step: letters, digits, _, -, . and spaces"),
        "kind": {
            "type": "string",
            "enum": [str(one) for one in STEP_KINDS],
            "default": str(Kind.TASK),
            "description": "What the step is",
        },
        "template": _text(
            'Template that is cloned: "slug" or "project/slug"', minLength=1, **_TASKS
        ),
        "pipeline": _text('Pipeline that is run: "slug" or "project/slug"', minLength=1, **_NESTED),
        "version": _VERSION,
        "parents": _list({"type": "string"}, "Steps that come before; references add theirs"),
        "parameters": _map(
            _VALUE,
            "Values by name: a template's by Section/name, where a bare name is General/name; "
            "whoever answers an approval is shown them",
        ),
        "queue": _text("Queue of the task; may hold references", minLength=1, **_TASKS),
        "priority": _integer(
            "Higher goes first within a queue", minimum=-1000, maximum=1000, default=0
        ),
        "retries": {**_RETRIES, **_MADE},
        "timeout": _seconds("Longest time to run", **_MADE),
        "queue_timeout": _seconds("Longest time to wait in a queue", **_TASKS),
        "grace": _number("Seconds between asking to end and killing", minimum=0, **_TASKS),
        "cache": _yes_no("Take the result of an equal task", **_TASKS),
        "when": _text("Condition; the step is skipped when it does not hold"),
        "trigger": {
            "type": "string",
            "enum": [str(one) for one in Trigger],
            "default": str(Trigger.ALL_SUCCEEDED),
            "description": "When the step may start, given its parents",
        },
        "for_each": _FOR_EACH,
        "loop": _object(
            {"until": _text("Condition"), "max": _integer("Most rounds", minimum=1)}, **LATER
        ),
        "may_fail": _yes_no("Its failure fails neither its children nor the run"),
        "approval": _APPROVAL,
        "hooks": _hooks(
            "Who is called because of this step",
            {
                "pre": "Before its task is made; may change parameters, or skip it",
                "retry": "When it has failed and is not tried again by itself; true: once more",
                "post": "After its end; what follows waits for the answer",
                "status": "When it stands differently; nothing waits",
            },
            **_MADE,
        ),
        "monitor": _list(
            _object(
                {
                    "title": _text("The metric's title", minLength=1),
                    "series": _text("One of its series; all of them if nothing is said"),
                    "as_title": _text("Its own if nothing is said", minLength=1, **_TITLE_THERE),
                    "as_series": _text("Its own if nothing is said", minLength=1, **_SERIES_THERE),
                },
                required=("title",),
            ),
            "Metrics that are copied to the run when the step has ended",
            title="Metrics",
            **_TASKS,
        ),
        "monitor_artifacts": _kept_in_run("artifact", "Artifacts", "The artifact's name"),
        "monitor_models": _kept_in_run(
            "model", "Models", "The model's name; * stands for any letters"
        ),
        "group": _text("Group in which the step is drawn"),
        "tags": _list({"type": "string"}, "Words to find it by"),
        "comment": _text("A note for readers", default=""),
    },
    required=("name",),
    description="A node of the pipeline",
)

_RUN = _object(
    {
        "timeout": _seconds("Longest time for the whole run"),
        "max_parallel": _integer("So many steps at a time", minimum=1),
        "concurrency": _object(
            {
                "key": _text(
                    "Runs with the same key go one after another; may refer to ${pipeline.…}",
                    minLength=1,
                ),
                "on_conflict": {
                    "type": "string",
                    "enum": ["wait", "cancel_new", "cancel_running"],
                    "default": "wait",
                    "description": "What happens when a run with the same key goes on",
                },
            },
            required=("key",),
            description="Which runs must not go on side by side",
        ),
        "abort_on_failure": _yes_no("The first failure aborts the run"),
        "pause_at": _list({"type": "string"}, "Steps before which the run pauses"),
    },
    description="How a whole run behaves",
)

_PAIR = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
    "description": "Two numbers: across and down",
}

SCHEMA: Schema = _object(
    {
        "schema": {"const": VERSION, "description": "Version of this schema"},
        "parameters": _list(PARAMETER, "What a run takes"),
        "steps": {"type": "array", "items": STEP, "description": "The nodes, in any order"},
        "outputs": _map(_VALUE, "What a run gives, by name"),
        "groups": _list(
            _object(
                {
                    "name": _text("Name", minLength=1),
                    "colour": _text("Name of a colour token"),
                    "collapsed": _yes_no("Drawn as one box"),
                    "comment": _text("A note for readers", default=""),
                    "for_each": _FOR_EACH,
                },
                required=("name",),
            ),
            "Steps that are drawn together",
        ),
        "defaults": _object(
            {
                "queue": _text("Queue of steps that name none", minLength=1),
                "retries": _RETRIES,
                "timeout": _seconds("Longest time to run, for steps that say none"),
            },
            description="For steps that do not say it themselves",
        ),
        "run": _RUN,
        "hooks": _hooks(
            "Who is called because of a run",
            {
                "created": "When a step's task is there and not enqueued yet; may skip the step",
                "completed": "After a step's end; what follows waits for the answer",
                "status": "When a step or the run stands differently; nothing waits",
                "ended": "When the run has ended; nothing waits",
            },
        ),
        "layout": _map(_PAIR, "Where the editor shows a step: [x, y]"),
        "notes": _list(
            _object(
                {
                    "text": _text("What it says"),
                    "at": _PAIR,
                    "size": _PAIR,
                    "colour": _text("Name of a colour token"),
                },
                required=("text",),
            ),
            "Notes on the canvas",
        ),
        "tags": _list({"type": "string"}, "Words to find it by"),
    },
    required=("schema", "steps"),
    title="Pipeline",
    description="A pipeline's document",
)
SCHEMA["$schema"] = "https://json-schema.org/draft/2020-12/schema"
