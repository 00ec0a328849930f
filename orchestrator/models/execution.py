"""What an execution leaves behind: log, artifacts, samples; each keyed by task and fence."""

from __future__ import annotations

from django.db import models


class LogPiece(models.Model):
    """A stretch of output as it came. Offsets count the whole log of (task, fence), in bytes."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("orchestrator.Task", models.CASCADE, related_name="log_pieces")
    fence = models.PositiveIntegerField()
    n = models.PositiveIntegerField()
    stream = models.CharField(max_length=8)
    byte_from = models.PositiveBigIntegerField()
    line_from = models.PositiveBigIntegerField()
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("task", "fence", "n"), name="log_piece_once"),
        )


class LogFile(models.Model):
    """A megabyte or so of log that was moved from pieces into a stored file."""

    task = models.ForeignKey("orchestrator.Task", models.CASCADE, related_name="log_files")
    fence = models.PositiveIntegerField()
    n = models.PositiveIntegerField()
    byte_from = models.PositiveBigIntegerField()
    line_from = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField()
    lines = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("task", "fence", "n"), name="log_file_once"),
        )


class Artifact(models.Model):
    """A named result. Its content is stored under its hash."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("orchestrator.Task", models.CASCADE, related_name="artifacts")
    fence = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    kind = models.CharField(max_length=16)
    metadata = models.JSONField(default=dict)
    preview = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("task", "fence", "name"), name="artifact_once"),
        )


class Sample(models.Model):
    """A reported value: a scalar of a series, or a single value."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("orchestrator.Task", models.CASCADE, related_name="samples")
    fence = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    series = models.CharField(max_length=200)
    n = models.PositiveIntegerField()
    step = models.BigIntegerField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    reference = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("task", "fence", "title", "series", "n"), name="sample_once"
            ),
        )
