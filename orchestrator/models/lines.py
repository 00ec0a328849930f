"""Lines give places: queues and other limits; agents serve queues; the broker's epoch."""

from __future__ import annotations

from django.db import models

from orchestrator.models.fields import uuid7


class Line(models.Model):
    """A queue, a pipeline or a concurrency key, with a limit of how many hold a place."""

    class Kind(models.TextChoices):
        QUEUE = "queue"
        PIPELINE = "pipeline"
        KEY = "key"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    limit = models.PositiveIntegerField(null=True, blank=True)
    paused = models.BooleanField(default=False)
    holders = models.JSONField(default=list)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("kind", "name"), name="line_once"),)


class Agent(models.Model):
    """A worker process that executes tasks; alive while its lease lasts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=128)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    queues = models.JSONField(default=list)
    slots = models.PositiveIntegerField()
    version = models.CharField(max_length=32, blank=True, default="")
    draining = models.BooleanField(default=False)
    load = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("lease_until",), name="agent_leased"),)


class Broker(models.Model):
    """The value we last wrote into the broker: another one there means that it lost everything."""

    epoch = models.CharField(primary_key=True, max_length=64)
    set_at = models.DateTimeField()
