"""A server that is away is waited for; one that refuses is heard at once."""

from pathlib import Path

import pytest

from pipelines.errors import PipelinesError, RequestRefused, ServerUnavailable
from pipelines.http import Api
from tests.client.stub_server import TOKEN, StubServer


def test_a_server_that_stumbles_is_asked_again(server: StubServer) -> None:
    server.tasks["t"] = {"id": "t"}
    server.answer_badly = [502, 503]
    assert Api(server.url, TOKEN, patience=30).get("tasks/t/") == {"id": "t"}
    assert len(server.requests) == 3


def test_what_breaks_off_after_longer_than_patience_is_tried_once_more(server: StubServer) -> None:
    server.tasks["t"] = {"id": "t"}
    server.thinks_for_seconds, server.hangs_up = 0.3, 1
    assert Api(server.url, TOKEN, patience=0.2).get("tasks/t/") == {"id": "t"}
    server.hangs_up = 2
    with pytest.raises(ServerUnavailable):
        Api(server.url, TOKEN, patience=0.2).get("tasks/t/")
    server.hangs_up = 1
    with pytest.raises(ServerUnavailable):
        Api(server.url, TOKEN).send("GET", "tasks/t/", patience=0)


def test_a_large_file_has_the_time_that_it_takes(
    server: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.http.ANSWER_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr("pipelines.http._SLOWEST_BYTES_A_SECOND", 100)
    server.thinks_for_seconds = 0.3
    file = tmp_path / "large"
    file.write_bytes(b"x" * 9000)
    headers = {"Content-Type": "text/plain", "X-Pipelines-Kind": "file"}
    Api(server.url, TOKEN, patience=0).put_file("tasks/t/artifacts/large/", str(file), headers)
    assert server.artifacts["t", "large"][1] == b"x" * 9000


def test_a_server_that_is_away_is_given_up_in_one_sentence() -> None:
    with pytest.raises(ServerUnavailable) as caught:
        Api("http://127.0.0.1:9", TOKEN, patience=0.2).get("tasks/t/")
    assert str(caught.value).startswith(
        "the server at http://127.0.0.1:9/api/v1 could not be reached for 0.2 seconds: "
    )


def test_a_refusal_is_told_at_once_with_its_code(server: StubServer) -> None:
    server.answer_badly = [403]
    with pytest.raises(RequestRefused, match=r"\(403\): not now") as caught:
        Api(server.url, TOKEN).get("tasks/t/")
    assert (caught.value.status, caught.value.code) == (403, "no")
    assert len(server.requests) == 1


def test_the_token_goes_to_its_own_server_only(server: StubServer) -> None:
    with StubServer() as stranger:
        stranger.tasks["t"] = {"id": "t"}
        Api(server.url, TOKEN).get(f"{stranger.url}/api/v1/tasks/t/")
        assert stranger.authorizations == {None}


def test_an_address_may_come_with_or_without_the_path_of_the_api(server: StubServer) -> None:
    server.tasks["t"] = {"id": "t"}
    for url in (server.url, f"{server.url}/", f"{server.url}/api/v1", f"{server.url}/api/v1/"):
        assert Api(url, TOKEN).get("tasks/t/") == {"id": "t"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://example",
        "http://",
        "http://:80",
        "http://[::1",
        "http://example:x",
        "http://example:99999",
    ],
)
def test_what_is_no_servers_address_is_refused(url: str) -> None:
    with pytest.raises(PipelinesError):
        Api(url, TOKEN)
