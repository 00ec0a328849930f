"""Tables and constraints; no rules. What each row means stands in docs/architecture.md.

Statuses are written by ``orchestrator.store`` only, and always by compare-and-set.
"""

from orchestrator.models.execution import Artifact, LogFile, LogPiece, Sample
from orchestrator.models.lines import Agent, Broker, Line
from orchestrator.models.people import (
    ApiToken,
    AuditEvent,
    IdempotencyKey,
    Membership,
    Project,
    SignInLink,
    User,
)
from orchestrator.models.pipelines import (
    Draft,
    DraftRevision,
    Pipeline,
    PipelineVersion,
    SlugAlias,
)
from orchestrator.models.runs import (
    Attempt,
    Call,
    Change,
    Delivery,
    GraphPart,
    Run,
    Signal,
    Step,
)
from orchestrator.models.tasks import Definition, Task, TemplateVersion

__all__ = [
    "Agent",
    "ApiToken",
    "Artifact",
    "Attempt",
    "AuditEvent",
    "Broker",
    "Call",
    "Change",
    "Definition",
    "Delivery",
    "Draft",
    "DraftRevision",
    "GraphPart",
    "IdempotencyKey",
    "Line",
    "LogFile",
    "LogPiece",
    "Membership",
    "Pipeline",
    "PipelineVersion",
    "Project",
    "Run",
    "Sample",
    "SignInLink",
    "Signal",
    "SlugAlias",
    "Step",
    "Task",
    "TemplateVersion",
    "User",
]
