"""Webhooks: signed, tried again, answered; and whom they do not call."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from orchestrator import webhooks
from orchestrator.actions.projects import renew_webhook_secret
from orchestrator.controller import advance
from orchestrator.delivering import deliver_due
from orchestrator.models import Call, Delivery, Run, Step
from orchestrator.webhooks import CannotDeliver, Letter, secret_of, send
from tests.engine.hooking import Play, hooked
from tests.engine.playing import check_run
from tests.engine.starting import started

pytestmark = pytest.mark.django_db


class Receiver(ThreadingHTTPServer):
    """Notes what it is sent, and answers what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks?from=here"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        status, answer = self.server.answers.pop(0) if self.server.answers else (204, b"")
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.PIPELINES_WEBHOOKS_PRIVATE = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def calling(receiver: Receiver, *names: str, **step: Any) -> Run:
    document = hooked(*names, **step)
    hook = {"kind": "webhook", "url": receiver.url}
    own = document["steps"][0]["hooks"]
    for hooks in (own, document["hooks"]):
        for name in hooks:
            hooks[name] = [hook]
    return started(document)


def due_again(run: Run) -> None:
    Delivery.objects.filter(call__run=run, next_at__isnull=False).update(
        next_at=timezone.now() - timedelta(seconds=1)
    )


def step(run: Run) -> Step:
    return Step.objects.get(run=run, path="load")


def test_a_webhook_is_signed_and_says_what_happened(receiver, broker):
    run = calling(receiver, "ended")
    Play().until_it_rests(run)
    assert deliver_due() == 1
    (headers, body), *more = receiver.got
    assert more == []
    assert headers["X-Pipelines-Event"] == "ended"
    assert headers["X-Pipelines-Delivery"] == f"{run.pk}.1"
    said = dict(part.split("=") for part in headers["X-Pipelines-Signature"].split(","))
    secret = secret_of(run.project).encode()
    signed = f"{said['t']}.".encode() + body
    assert said["v1"] == hmac.new(secret, signed, hashlib.sha256).hexdigest()
    event = json.loads(body)
    assert event["run"]["status"] == "completed"
    advance(run.pk)
    assert Call.objects.get(run=run).state == "answered"
    assert deliver_due() == 0
    check_run(run)


def test_a_step_waits_for_the_answer_of_its_pre_webhook(receiver, broker):
    run = calling(receiver, "pre")
    receiver.answers = [(200, b'{"parameters": {"rows": 5}}')]
    advance(run.pk)
    assert (step(run).status, step(run).reason) == ("pending", "waits for its pre hook")
    deliver_due()
    Play().until_it_rests(run)
    assert step(run).status == "completed"
    attempt = step(run).attempts.get()
    assert attempt.resolved == {"General/rows": 5}


def test_a_webhook_may_say_no(receiver, broker):
    run = calling(receiver, "pre")
    receiver.answers = [(200, b'{"skip": "not on Sundays"}')]
    advance(run.pk)
    deliver_due()
    Play().until_it_rests(run)
    assert (step(run).status, step(run).reason) == ("skipped", "not on Sundays")


def test_one_that_cannot_be_reached_is_tried_again_later(receiver, broker):
    run = calling(receiver, "post")
    receiver.answers = [(503, b"busy"), (429, b""), (200, b"whatever")]
    Play().until_it_rests(run)
    for tries in (1, 2):
        deliver_due()
        row = Delivery.objects.get(call__run=run)
        assert (row.tries, row.next_at is not None) == (tries, True)
        assert row.fault.startswith("it answered")
        assert deliver_due() == 0, "not before its time"
        due_again(run)
    deliver_due()
    advance(run.pk)
    assert step(run).status == "completed"


def test_when_the_time_is_over_the_step_fails(receiver, broker):
    run = calling(receiver, "pre")
    receiver.answers = [(500, b"")] * 2
    advance(run.pk)
    deliver_due()
    due_again(run)
    Call.objects.filter(run=run).update(deadline_at=timezone.now())
    deliver_due()
    advance(run.pk)
    assert step(run).status == "failed"
    assert step(run).reason == (
        "its pre hook could not be called after 2 tries: it answered 500 Internal Server Error"
    )
    check_run(run)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, b""), "it answered 404 Not Found"),
        ((302, b""), "it answered 302 Found; redirects are not followed"),
        ((200, b"<html>"), "it answered what is not JSON: <html>"),
        ((200, b'"rubbish"'), "its pre hook answered 'rubbish'"),
    ],
)
def test_an_answer_that_will_not_become_better_fails_at_once(answer, reason, receiver, broker):
    run = calling(receiver, "pre")
    receiver.answers = [answer]
    advance(run.pk)
    deliver_due()
    advance(run.pk)
    assert step(run).status == "failed"
    assert reason in step(run).reason


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "http://0.0.0.0/",
    ],
)
def test_nobody_inside_is_called(url, settings):
    settings.PIPELINES_WEBHOOKS_PRIVATE = False
    with pytest.raises(CannotDeliver, match="not on the open internet") as caught:
        send(Letter(url, "ended", "1", {}), "secret")
    assert not caught.value.again


def test_an_address_with_other_letters_is_called(receiver, broker):
    receiver.answers = [(200, b"")]
    url = receiver.url.replace("/hooks", "/gr\u00fc\u00dfe/100%25")
    send(Letter(url, "pre", "1", {"name": "\u00fc"}), "secret")
    ((_, body),) = receiver.got
    assert json.loads(body) == {"name": "\u00fc"}


def test_one_that_no_computer_can_have_fails_its_step_at_once(receiver, broker):
    run = calling(receiver, "pre")
    advance(run.pk)
    Delivery.objects.filter(call__run=run).update(url=f"http://{'a' * 70}..b/")
    deliver_due()
    advance(run.pk)
    assert step(run).status == "failed"
    assert "its pre hook could not be called" in step(run).reason


def test_a_new_secret_signs_differently(receiver, broker):
    run = calling(receiver, "ended")
    before = secret_of(run.project)
    after = renew_webhook_secret(actor="ada", project=run.project)
    assert after != before
    assert secret_of(run.project) == after
    signed = [webhooks.signature(secret, 1, b"{}") for secret in (before, after)]
    assert signed[0] != signed[1]
