"""Runs, steps, attempts and changes. The answers are made by ``orchestrator.queries``."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import ObjectField
from orchestrator.domain.planner.preview import Effect


def _words(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), **options)


def _time() -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=True)


class ParentShape(serializers.Serializer[Any]):
    """The attempt that a nested run is."""

    run = serializers.UUIDField()
    step = serializers.CharField()
    attempt = serializers.IntegerField()


class RunShape(serializers.Serializer[Any]):
    """A run without its steps."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    project = serializers.CharField()
    pipeline = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    status = serializers.CharField()
    round = serializers.IntegerField()
    reason = serializers.CharField()
    stop_reason = serializers.CharField()
    driver = serializers.CharField()
    origin = serializers.CharField()
    actor = serializers.CharField()
    parameters = serializers.DictField()
    outputs = serializers.DictField()
    metrics = serializers.DictField(
        help_text="The last values of the metrics that are watched, by title/series."
    )
    counts = serializers.DictField(child=serializers.IntegerField())
    steps = serializers.IntegerField()
    last_change = serializers.IntegerField()
    created_at = _time()
    started_at = _time()
    ended_at = _time()
    part = serializers.DictField(
        help_text="Empty, or the steps that were asked for: until or only, and what was given."
    )
    parent = ParentShape(allow_null=True)
    priority = serializers.IntegerField()
    why = serializers.CharField(help_text="Why a queued run has not started, in words.")
    url = serializers.CharField(help_text="The run's page.")


class StepNames(serializers.ListField):
    """Names of steps, or nothing."""

    def __init__(self, help_text: str = "", **options: Any) -> None:
        name = serializers.CharField(trim_whitespace=False, max_length=300)
        usual = {"child": name, "required": False, "default": None, "allow_null": True}
        super().__init__(help_text=help_text, **{**usual, **options})


class NewRun(StrictSerializer):
    """What a run is to have of its own; ``like`` takes parameters and version of another run."""

    parameters = ObjectField(required=False, default=dict)
    version = serializers.JSONField(
        required=False,
        default="latest",  # type: ignore[arg-type]
        help_text='A number, "latest" or "draft".',
    )
    like = serializers.UUIDField(required=False, default=None, allow_null=True)
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    cache = serializers.BooleanField(
        required=False,
        default=True,
        help_text="False: no step takes the result of an earlier one.",
    )
    priority = serializers.IntegerField(
        required=False,
        default=0,
        min_value=-1000,
        max_value=1000,
        help_text="Added to that of each step, and to those of nested runs; higher goes first.",
    )
    draft = serializers.BooleanField(
        required=False, default=False, help_text="True: it starts when it is enqueued."
    )
    until = StepNames("Only these steps and what comes before them.")
    only = StepNames("These steps alone, with the values of earlier runs.")


class Abort(StrictSerializer):
    """The whole run, or some of its steps."""

    steps = StepNames("Only these steps.")


class AsStep(StrictSerializer):
    """The pipeline whose draft gets the step, as ``project/slug`` or by its id."""

    pipeline = serializers.CharField()


class AddedStep(serializers.Serializer[Any]):
    """Where the step stands now."""

    pipeline = serializers.CharField()
    step = serializers.CharField()
    revision = serializers.IntegerField(help_text="Of the draft.")


class RunChange(StrictSerializer):
    """Other parameters for a draft run."""

    parameters = ObjectField()


_NAME = {"type": "string"}


@extend_schema_field({"oneOf": [_NAME, {"type": "array", "items": _NAME}]})
class OneOrMore(serializers.Field[Any, Any, Any, Any]):
    """The name of a step, or a list of such names."""

    def to_internal_value(self, data: Any) -> list[str]:
        names = [data] if isinstance(data, str) else data
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise serializers.ValidationError("the name of a step, or a list of such names")
        return names

    def to_representation(self, value: Any) -> Any:
        return value


_DRY_RUN = "Only say what it would do."
_CACHE = "False: take no result of an equal task."
_RESET = "Start from the document again, without what earlier reruns have overridden."


class Rerun(StrictSerializer):
    """Which steps: exactly one of ``steps``, ``from``, ``failed``, ``stale`` and ``all``."""

    steps = _words(required=False, min_length=1)
    failed = serializers.BooleanField(required=False, default=False)
    stale = serializers.BooleanField(required=False, default=False)
    all = serializers.BooleanField(required=False, default=False)
    parameters = ObjectField(required=False, default=None, allow_null=True)
    queue = serializers.CharField(required=False, default=None, allow_null=True)
    version = ObjectField(
        required=False,
        default=None,
        allow_null=True,
        help_text='Another version of the template, by step: a number or "latest".',
    )
    reset_overrides = serializers.BooleanField(required=False, default=False, help_text=_RESET)
    cache = serializers.BooleanField(required=False, default=True, help_text=_CACHE)
    dry_run = serializers.BooleanField(required=False, default=False, help_text=_DRY_RUN)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        start = OneOrMore(required=False, help_text="These steps and everything below them.")
        return {**super().get_fields(), "from": start}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ways = ("steps", "from", "failed", "stale", "all")
        chosen = [name for name in ways if attrs.get(name)]
        if len(chosen) != 1:
            given = " and ".join(chosen) or "none"
            raise serializers.ValidationError(
                f'say one of "steps", "from", "failed", "stale" and "all"; given: {given}'
            )
        return attrs


class RerunStep(StrictSerializer):
    """What the new attempt has of its own."""

    parameters = ObjectField(required=False, default=None, allow_null=True)
    queue = serializers.CharField(required=False, default=None, allow_null=True)
    version = serializers.JSONField(
        required=False,
        default=None,
        allow_null=True,
        help_text='Another version of the template: a number or "latest".',
    )
    reset_overrides = serializers.BooleanField(required=False, default=False, help_text=_RESET)
    cache = serializers.BooleanField(required=False, default=True, help_text=_CACHE)
    dry_run = serializers.BooleanField(required=False, default=False, help_text=_DRY_RUN)


class StepEffect(serializers.Serializer[Any]):
    """What would become of a step."""

    effect = serializers.ChoiceField([effect.value for effect in Effect])
    attempt = serializers.IntegerField(
        allow_null=True, help_text="The number that its next attempt would have."
    )
    usual_seconds = serializers.FloatField(allow_null=True)


class RerunPreview(serializers.Serializer[Any]):
    """What a rerun would do as the run stands at a change."""

    change = serializers.IntegerField()
    refused = serializers.CharField(allow_null=True, help_text="Why it would be refused.")
    steps = serializers.DictField(child=StepEffect())
    counts = serializers.DictField(child=serializers.IntegerField())
    expected_seconds = serializers.FloatField(
        allow_null=True, help_text="By the medians of earlier attempts; null without any."
    )
    based_on = serializers.CharField(help_text="What the expected time was taken from, in words.")


class SkipStep(StrictSerializer):
    """Why the step is passed over."""

    reason = serializers.CharField(max_length=1000)


class EndStep(StrictSerializer):
    """Why the step counts as ended, and what it gives."""

    reason = serializers.CharField(max_length=1000)
    outputs = ObjectField(required=False, default=dict)


class AnswerStep(StrictSerializer):
    """What a person says to an approval step: the values of its form, and a comment."""

    values = ObjectField(required=False, default=dict)
    comment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000, trim_whitespace=False
    )


class Breakpoints(StrictSerializer):
    """The steps before which the run pauses; an empty list takes all away."""

    steps = _words(allow_empty=True)


class GraphNode(serializers.Serializer[Any]):
    """A node; its parents are indexes."""

    index = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    template = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    parents = serializers.ListField(child=serializers.IntegerField())
    of = serializers.IntegerField(allow_null=True, help_text="The fan-out that it is an item of")
    item = serializers.IntegerField(allow_null=True, help_text="Its place in the list")
    group = serializers.CharField(allow_null=True)
    comment = serializers.CharField()


class GraphShape(serializers.Serializer[Any]):
    """What is connected with what."""

    revision = serializers.IntegerField()
    nodes = GraphNode(many=True)
    layout = serializers.DictField(allow_null=True)


class SnapshotRun(serializers.Serializer[Any]):
    """The run's own part of a snapshot."""

    status = serializers.CharField()
    round = serializers.IntegerField()
    reason = serializers.CharField()
    stop_reason = serializers.CharField()
    started_at = _time()
    ended_at = _time()


class SnapshotShape(serializers.Serializer[Any]):
    """Where every step stands, as of change ``number``; lists are by step index."""

    number = serializers.IntegerField()
    run = SnapshotRun()
    statuses = serializers.CharField(help_text="One letter a step.")
    stale = serializers.CharField(help_text="0 or 1 a step.")
    attempts = serializers.ListField(child=serializers.IntegerField())
    started = serializers.ListField(child=_time())
    ended = serializers.ListField(child=_time())
    reasons = serializers.DictField(child=serializers.CharField())
    progress = serializers.DictField(child=serializers.FloatField())


class ChangeShape(serializers.Serializer[Any]):
    """Something that happened; ``data`` holds new values, never differences."""

    n = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]


class Frame(serializers.Serializer[Any]):
    """Changes in order, without gaps."""

    changes = ChangeShape(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # "from" cannot be written as an attribute in Python.
        ends = {"from": serializers.IntegerField(), "to": serializers.IntegerField()}
        return {**super().get_fields(), **ends}


class CausePlace(serializers.Serializer[Any]):
    """A step on the way down to the first cause."""

    run = serializers.UUIDField()
    pipeline = serializers.CharField()
    number = serializers.IntegerField()
    step = serializers.CharField()
    index = serializers.IntegerField()
    url = serializers.CharField(help_text="Its page.")


class CauseLine(serializers.Serializer[Any]):
    """A line of a log."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    level = serializers.CharField()


class FirstCause(CausePlace):
    """The step that failed first, of those whose failure counts."""

    status = serializers.CharField()
    reason = serializers.CharField()
    attempt = serializers.IntegerField(allow_null=True)
    agent = serializers.CharField()
    ended_at = _time()
    way = CausePlace(many=True, help_text="From the run that was asked about down to that step.")
    log = CauseLine(many=True, help_text="The last lines.")


class CauseShape(serializers.Serializer[Any]):
    """Why a run failed."""

    cause = FirstCause(allow_null=True)


class ActionShape(serializers.Serializer[Any]):
    """Something that was asked of a run."""

    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    verb = serializers.CharField()
    what = serializers.CharField(help_text="The verb and its object, in words.")
    steps = _words()
    state = serializers.ChoiceField(["done", "refused", "waiting"])
    reason = serializers.CharField(help_text="Why it was refused.")
    came_of = serializers.CharField(help_text="What it led to, in words.")
    change = serializers.IntegerField(allow_null=True, help_text="The change that tells of it.")
    signal = serializers.IntegerField(allow_null=True)


class StepShape(serializers.Serializer[Any]):
    """A step; ``why`` says in words why it is not running."""

    index = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    why = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField()
    template = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    queue = serializers.CharField()
    priority = serializers.IntegerField()
    parents = _words()
    children = _words()
    of = serializers.CharField(allow_null=True, help_text="The fan-out that it is an item of")
    item = serializers.DictField(allow_null=True, help_text="Its index and value in the list")
    items = serializers.DictField(
        allow_null=True, help_text="Of a fan-out: how many in total, how many open"
    )
    attempt = serializers.IntegerField()
    reused_from = serializers.IntegerField(
        allow_null=True, help_text="The earlier round whose result stands."
    )
    comment = serializers.CharField()
    may_fail = serializers.BooleanField()
    started_at = _time()
    ended_at = _time()
    progress = serializers.FloatField(allow_null=True)


class StepArtifact(serializers.Serializer[Any]):
    """An artifact of an attempt."""

    name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()
    media_type = serializers.CharField()
    kind = serializers.CharField()
    metadata = serializers.DictField()
    preview = serializers.CharField()
    url = serializers.CharField()


class CacheOriginal(serializers.Serializer[Any]):
    """The attempt whose result was taken."""

    run = serializers.UUIDField()
    number = serializers.IntegerField()
    pipeline = serializers.CharField()
    step = serializers.CharField()
    attempt = serializers.IntegerField()
    url = serializers.CharField(help_text="Its step on its run's page.")


class CacheLook(serializers.Serializer[Any]):
    """What the look for an equal earlier result gave; ``why`` says in words why it missed."""

    hit = serializers.BooleanField()
    key = serializers.CharField()
    why = serializers.CharField()
    original = CacheOriginal(allow_null=True)


class NestedRunShape(serializers.Serializer[Any]):
    """The run that an attempt is, when its step runs a pipeline."""

    run = serializers.UUIDField()
    number = serializers.IntegerField()
    project = serializers.CharField()
    pipeline = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    url = serializers.CharField(help_text="Its page.")


class AbortShape(serializers.Serializer[Any]):
    """How far an abort has come: asked, delivered to the agent, over; ``kill_at`` ends the grace.

    Until the end is confirmed ``lease_until`` is when it is over without the agent.
    """

    asked_at = _time()
    delivered_at = _time()
    kill_at = _time()
    lease_until = _time()
    ended_at = _time()
    killed = serializers.BooleanField()
    confirmed = serializers.BooleanField()


class UnconfirmedStep(AbortShape):
    """A step that was asked to end and has not confirmed it."""

    step = serializers.CharField()
    index = serializers.IntegerField(
        allow_null=True, help_text="In the run that was asked about; null in one inside it."
    )
    run = serializers.UUIDField()
    title = serializers.CharField(help_text="Of the run inside.")
    url = serializers.CharField(help_text="Its page.")
    task = serializers.UUIDField()
    agent = serializers.CharField()


class UnconfirmedShape(serializers.Serializer[Any]):
    """Who has not confirmed an abort."""

    unconfirmed = UnconfirmedStep(many=True)


class AttemptShape(serializers.Serializer[Any]):
    """One try of a step."""

    number = serializers.IntegerField()
    status = serializers.CharField()
    origin = serializers.CharField()
    round = serializers.IntegerField()
    actor = serializers.CharField(allow_null=True)
    task = serializers.UUIDField(allow_null=True)
    fence = serializers.IntegerField(allow_null=True)
    agent = serializers.CharField()
    reason = serializers.CharField()
    exit_code = serializers.IntegerField(allow_null=True)
    traceback = serializers.CharField()
    queued_at = _time()
    started_at = _time()
    ended_at = _time()
    abort = AbortShape(allow_null=True)
    inputs = serializers.ListField(child=serializers.DictField())
    outputs = serializers.DictField()
    artifacts = StepArtifact(many=True)
    cache = CacheLook(allow_null=True)
    nested = NestedRunShape(allow_null=True)


class StepParameter(serializers.Serializer[Any]):
    """A parameter's value, and where it is from."""

    value = serializers.JSONField()
    origin = serializers.ChoiceField(["template", "override", "reference", "rerun"])
    default = serializers.JSONField()
    expression = serializers.JSONField(allow_null=True)


class StepDetail(StepShape):
    """A step with its parameters and all its attempts."""

    listed = serializers.DictField(
        allow_null=True,
        help_text="Of a fan-out: counts of its items by status, some of them, how many more",
    )
    parameters = serializers.DictField(child=StepParameter())
    attempts = AttemptShape(many=True)
