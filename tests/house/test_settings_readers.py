"""A setting that cannot be understood stops the program and names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "PIPELINES_PRODUCTION": "yes",
    "PIPELINES_SECRET_KEY": "k" * 40,
    "PIPELINES_ALLOWED_HOSTS": "example.org",
    "PIPELINES_REDIS_URL": "redis://127.0.0.1:1/0",
}


def load_settings(folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PIPELINES_")}
    return subprocess.run(
        [sys.executable, "-c", "import pipelines_ui.settings"],
        cwd=ROOT,
        env={**clean, "PIPELINES_DATA_DIR": str(folder), **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PIPELINES_LEASE_SECONDS", "soon"),
        ("PIPELINES_LEASE_SECONDS", "0"),
        ("PIPELINES_RENEW_SECONDS", "40"),
        ("PIPELINES_PRODUCTION", "perhaps"),
        ("PIPELINES_DATABASE_URL", "mysql://127.0.0.1/x"),
        ("PIPELINES_SECRET_KEY_FILE", "/nowhere/key"),
        ("PIPELINES_DATA_DIR", "/dev/null/data"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    done = load_settings(tmp_path, **{name: value})
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "missing", ["PIPELINES_SECRET_KEY", "PIPELINES_ALLOWED_HOSTS", "PIPELINES_REDIS_URL"]
)
def test_production_refuses_to_start_without(tmp_path: Path, missing: str) -> None:
    done = load_settings(tmp_path, **{k: v for k, v in PRODUCTION.items() if k != missing})
    assert done.returncode != 0
    assert missing in done.stderr.splitlines()[-1]


def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    done = load_settings(tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_the_development_key_is_kept_and_private(tmp_path: Path) -> None:
    load_settings(tmp_path)
    key = tmp_path / "secret_key"
    first = key.read_text(encoding="utf-8")
    load_settings(tmp_path)
    assert key.read_text(encoding="utf-8") == first
    assert key.stat().st_mode & 0o077 == 0


def test_a_pooler_may_have_no_prepared_statements() -> None:
    from pipelines_ui.settings import database

    url = "postgresql://ada:secret@127.0.0.1:5432/pipelines?sslmode=require"
    options = database(url, web=False)["OPTIONS"]
    assert options["sslmode"] == "require"
    assert options["prepare_threshold"] > 0
    assert database(f"{url}&prepared=no", web=False)["OPTIONS"]["prepare_threshold"] is None
