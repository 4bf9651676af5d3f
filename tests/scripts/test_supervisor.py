"""scripts/serve: refusals before anything starts, and a whole life from first start to Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVE = Path(__file__).parent.parent.parent / "scripts" / "serve"


def refusal(*arguments: str) -> str:
    result = subprocess.run([SERVE, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    return result.stderr


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("arguments", [("--prot", "8001"), ("extra",)])
def test_what_it_does_not_know_is_named(arguments: tuple[str, ...]) -> None:
    assert f"不认识的参数：{' '.join(arguments)}" in refusal(*arguments)


@pytest.mark.parametrize("port", ["0", "65536", "abc", "-1", "８０００", "80.5"])
def test_a_port_must_be_a_port(port: str) -> None:
    assert f"端口“{port}”无效" in refusal(f"--port={port}")


@pytest.mark.parametrize("option", ["--port", "--data", "--host"])
def test_an_option_without_its_value_is_named(option: str) -> None:
    assert f"参数 {option} 缺少值" in refusal(option)


def test_a_port_in_use_names_the_remedy(busy_port: int) -> None:
    message = refusal("--port", str(busy_port))
    assert f"端口 {busy_port} 已被占用" in message
    assert f"scripts/serve --port {busy_port + 1}" in message


def test_an_address_of_another_machine_is_refused() -> None:
    assert "不能在 192.0.2.1 上监听" in refusal("--host", "192.0.2.1")


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("", encoding="utf-8")
    assert f"数据目录 {file} 不能写入" in refusal("--port", str(free_port()), "--data", str(file))


def test_it_serves_until_interrupted_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    command = [SERVE, "--empty", "--port", str(port), "--data", tmp_path / "data"]
    environ = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "YUQI_ENV"}}
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
        try:
            log_text = wait_for(tmp_path / "log", "按 Ctrl-C 停止")
            assert f"http://127.0.0.1:{port}" in log_text
            children = wait_for_descendants(process.pid, 4)  # web server, its two workers, worker of the jobs
            assert "正被另一个 scripts/serve 使用" in refusal(
                "--port", str(free_port()), "--data", str(tmp_path / "data")
            )
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
            process.wait()
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


def wait_for(file: Path, text: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        written = file.read_text(encoding="utf-8")
        if text in written:
            return written
        time.sleep(0.1)
    raise AssertionError(f"“{text}” did not appear in: {file.read_text(encoding='utf-8')}")


def wait_for_descendants(parent: int, number: int) -> list[int]:
    deadline = time.monotonic() + 30
    while len(found := descendants(parent)) < number:
        assert time.monotonic() < deadline, f"only {len(found)} of {number} processes started"
        time.sleep(0.1)
    return found


def descendants(parent: int) -> list[int]:
    """Process ids below ``parent``, read from /proc."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        parents[int(stat.parent.name)] = int(fields[1])
    found = [parent]
    for known in found:
        found.extend(child for child, its_parent in parents.items() if its_parent == known)
    return found[1:]
