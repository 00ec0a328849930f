"""Who may do what: users, projects and their members, tokens, what was done by whom."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from orchestrator.models.fields import uuid7


class User(AbstractUser):
    """A person who can sign in. A superuser administers the installation."""


class Project(models.Model):
    """A named place for templates, pipelines and runs; rights are given per project.

    With each ``webhook_generation`` its webhooks are signed with another secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=128)
    description = models.TextField(blank=True, default="")
    webhook_generation = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class Membership(models.Model):
    """A user's role in a project."""

    class Role(models.TextChoices):
        VIEWER = "viewer"
        OPERATOR = "operator"
        EDITOR = "editor"
        ADMIN = "admin"

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("project", "user"), name="membership_once"),)


class ApiToken(models.Model):
    """A key for programs: only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=128)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True)
    prefix = models.CharField(max_length=16)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class SignInLink(models.Model):
    """A link that signs its user in once."""

    secret_hash = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class AuditEvent(models.Model):
    """Who did what to which thing, from where. Never changed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    project = models.ForeignKey(Project, models.SET_NULL, null=True, blank=True)
    thing = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    origin = models.CharField(max_length=64, blank=True, default="")


class IdempotencyKey(models.Model):
    """The answer that was given to a keyed request, kept for a day, or with a script's run."""

    token = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    run = models.ForeignKey("orchestrator.Run", models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("token", "key"), name="idempotency_key_once"),
        )
