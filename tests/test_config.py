"""Unsafe settings: the program does not start in production, and says in Chinese which setting and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import Settings, UnsafeSettings

ROOT = Path(__file__).parent.parent
SAFE = {
    "YUQI_ENV": "production",
    "YUQI_SECRET_KEY": "0f1e2d3c4b5a6978" * 4,
    "YUQI_PUBLIC_URL": "https://yuqi.example",
    "YUQI_TRUSTED_HOSTS": "yuqi.example",
    "DATABASE_URL": "postgresql://yuqi:hidden-word@127.0.0.1/yuqi",
}


def start(tmp_path: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Load the program as a server does, with nothing of our own environment but the path."""
    environ = {"PATH": os.environ["PATH"], **SAFE, "YUQI_DATA_DIR": str(tmp_path), **changes}
    return subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


def test_safe_settings_start(tmp_path: Path) -> None:
    done = start(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unsafe_setting_keeps_the_program_from_starting(tmp_path: Path) -> None:
    done = start(tmp_path, YUQI_SECRET_KEY="changeme")
    assert done.returncode == 1
    assert "密钥" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("YUQI_SECRET_KEY", "changeme", "密钥"),
        ("YUQI_SECRET_KEY", "", "密钥"),
        ("YUQI_PUBLIC_URL", "http://yuqi.example", "https://"),
        ("YUQI_TRUSTED_HOSTS", "", "YUQI_TRUSTED_HOSTS"),
        ("YUQI_CLAMAV", "localhost:3310", "tcp://"),
        ("DATABASE_URL", "sqlite:////tmp/x.db", "PostgreSQL"),
        ("DATABASE_URL", "", "PostgreSQL"),
        ("YUQI_ENV", "prod", "YUQI_ENV"),
        ("YUQI_SESSION_HOURS", "₀₁₂", "不是正整数"),
    ],
)
def test_each_unsafe_setting_is_named_and_no_secret_told(tmp_path: Path, setting: str, value: str, said: str) -> None:
    with pytest.raises(UnsafeSettings) as caught:
        Settings.from_env({**SAFE, "YUQI_DATA_DIR": str(tmp_path), setting: value})
    assert said in str(caught.value)
    assert "0f1e2d3c" not in str(caught.value)
    assert "hidden-word" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "dev", "short", "a" * 64, "abababab" * 4, "0123456789" * 2])
def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(UnsafeSettings, match="密钥"):
        Settings.from_env({**SAFE, "YUQI_DATA_DIR": str(tmp_path), "YUQI_SECRET_KEY": key})


def test_how_many_proxies_stand_before_us_is_a_setting(tmp_path: Path) -> None:
    environ = {**SAFE, "YUQI_DATA_DIR": str(tmp_path)}
    assert Settings.from_env(environ).proxies == 0
    assert Settings.from_env({**environ, "YUQI_PROXIES": "1"}).proxies == 1
    with pytest.raises(UnsafeSettings, match="YUQI_PROXIES"):
        Settings.from_env({**environ, "YUQI_PROXIES": "all"})
