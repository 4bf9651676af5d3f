"""Start web server and worker together, and stop them together (see scripts/serve --help).

With ``--check`` only the options and the port are looked at: that needs no environment, so that a slip is told
before a long set-up. Otherwise the application is loaded once, and web server and worker are forked from it:
loading it again for each would take most of the time of a start.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import fcntl
import http.client
import importlib
import json
import logging
import multiprocessing
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
START_SECONDS = 60
STOP_SECONDS = 10


class Refusal(Exception):
    """Something stands in the way; the text says what and what to do."""


@dataclass(frozen=True)
class Place:
    """Where to listen and where the data lie."""

    host: str
    port: int
    data: Path
    with_demo: bool

    @property
    def address(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"


def main(arguments: list[str]) -> int:
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)
    checks_only = arguments[:1] == ["--check"]
    try:
        place = _place(arguments[checks_only:])
        _check_port(place)
        if not checks_only:
            _serve(place)
    except Refusal as refusal:
        print(f"✗ {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中止，尚未启动。", file=sys.stderr)
        return 130
    return 0


def _serve(place: Place) -> None:
    with _lock_data(place.data):
        app = _load(place)
        accounts = _prepare_data(app, place)
        children: dict[str, BaseProcess] = {}
        try:
            children["网站"] = _fork(lambda: _run_web(place))
            children["后台作业"] = _fork(lambda: _run_worker(app))
            _wait_until_answering(place, children)
            _announce(place, accounts)
            _watch(children)
        except KeyboardInterrupt:
            print("\n正在停止…", file=sys.stderr)
            _stop(children)
            print("网站和后台作业都已停止。", file=sys.stderr)
        finally:
            _stop(children)


# Options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refusal(f"参数有误：{message}。用法见 scripts/serve --help")


def _place(arguments: list[str]) -> Place:
    parser = _Parser(prog="scripts/serve", add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--port", default="8000")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", default=os.environ.get("YUQI_DATA_DIR") or str(ROOT / "var"))
    parser.add_argument("--empty", action="store_true")
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise Refusal(f"参数 {error.argument_name} 缺少值。用法见 scripts/serve --help") from None
    if unknown:
        raise Refusal(f"不认识的参数：{' '.join(unknown)}。用法见 scripts/serve --help")
    port: str = options.port
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise Refusal(f"端口“{port}”无效：请给出 1 到 65535 之间的整数，例如 --port 8001")
    return Place(options.host, int(port), Path(options.data).absolute(), not options.empty)


def _check_port(place: Place) -> None:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as problem:
            raise Refusal(_port_trouble(place, problem)) from None


def _port_trouble(place: Place, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return (
            f"端口 {place.port} 已被占用。请停下占用它的程序，"
            f"或换一个端口：scripts/serve --port {place.port % 65535 + 1}"
        )
    if problem.errno == errno.EACCES:
        return f"当前用户无权使用端口 {place.port}。请用 1024 以上的端口，例如：scripts/serve --port 8000"
    return f"不能在 {place.host} 上监听：{problem.strerror}。请检查 --host 的值，例如 127.0.0.1"


# Data


def _lock_data(folder: Path) -> IO[str]:
    """Make the folder and hold it: two workers on one embedded database would only wait for each other."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "serve.lock").open("a+")
    except OSError as problem:
        raise Refusal(f"数据目录 {folder} 不能写入：{problem.strerror}。请用 --data 指定一个可写的目录") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Refusal(
            f"数据目录 {folder} 正被另一个 scripts/serve 使用。请先停下它，或用 --data 指定另一个目录"
        ) from None
    return lock


def _load(place: Place) -> Flask:
    """Load the application with the settings that follow from the options."""
    os.environ["YUQI_DATA_DIR"] = str(place.data)
    os.environ.setdefault("YUQI_PUBLIC_URL", place.address)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would report every start
    app: Flask = importlib.import_module("wsgi").app
    return app


def _prepare_data(app: Flask, place: Place) -> list[dict[str, str]]:
    """Migrate; load the demo data on the first run. Return the demo accounts, if there are any.

    A note is left while the loading is owed, so that an interrupted first run is made up for at the next start.
    """
    is_embedded = not os.environ.get("DATABASE_URL") and os.environ.get("YUQI_ENV", "development") == "development"
    owed = place.data / "demo-pending"
    loaded = place.data / "demo-loaded"
    if is_embedded and place.with_demo and not (place.data / "yuqi.db").exists():
        owed.touch()
    _command(app, "数据库没有升级成功", "database", "migrate")
    if owed.exists() and place.with_demo:
        print("首次启动：载入演示数据…", file=sys.stderr)
        _command(app, "演示数据没有载入成功", "demo", "load")
        owed.rename(loaded)
    accounts: list[dict[str, str]] = []
    if is_embedded and loaded.exists():
        accounts = json.loads(_command(app, "演示账号没有列出", "demo", "accounts"))
    app.extensions["yuqi_database"].dispose()  # no connection may be open across a fork
    return accounts


def _command(app: Flask, failure: str, *arguments: str) -> str:
    """Run a command of scripts/flask in this process and return its standard output."""
    result = app.test_cli_runner().invoke(args=arguments)
    if result.exit_code:
        sys.stderr.write(result.stderr)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise Refusal(f"{failure}。改正后再运行一次 scripts/serve") from result.exception
        raise Refusal(f"{failure}，原因见上。改正后再运行一次 scripts/serve")
    return result.stdout


# Processes


def _run_web(place: Place) -> None:
    host = f"[{place.host}]" if ":" in place.host else place.host
    config = str(ROOT / "scripts" / "gunicorn.conf.py")
    sys.argv = ["gunicorn", "--config", config, "--bind", f"{host}:{place.port}", "wsgi:app"]
    importlib.import_module("gunicorn.app.wsgiapp").run()


def _run_worker(app: Flask) -> None:
    with app.app_context():
        app.cli.main(args=["jobs", "work"])


def _fork(target: Callable[[], None]) -> BaseProcess:
    """Fork a child in a session of its own: Ctrl-C comes to us alone, and we pass it on in order."""

    def run() -> None:
        os.setsid()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        if sys.platform == "linux":  # should we be killed outright, no orphan keeps the port
            pr_set_pdeathsig = 1
            ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
        target()

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    return child


def _wait_until_answering(place: Place, children: Mapping[str, BaseProcess]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _refuse_if_ended(children)
        if _answers(place):
            return
        time.sleep(0.1)
    raise Refusal(f"网站 {START_SECONDS} 秒内没有应答，已停止。请看上面的输出")


def _answers(place: Place) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)
    connection = http.client.HTTPConnection(host, place.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _refuse_if_ended(children: Mapping[str, BaseProcess]) -> None:
    for name, child in children.items():
        if not child.is_alive():
            raise Refusal(f"{name}意外停止（退出码 {child.exitcode}），其余的也已停下。原因见上面的输出")


def _watch(children: Mapping[str, BaseProcess]) -> NoReturn:
    while True:
        _refuse_if_ended(children)
        time.sleep(0.2)


def _stop(children: Mapping[str, BaseProcess]) -> None:
    """Ask each to finish what it is doing; after ten seconds end it and all it started."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        child.join(max(0.1, deadline - time.monotonic()))
        if child.pid:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.join()


def _announce(place: Place, accounts: list[dict[str, str]]) -> None:
    """Say where it is and how to get in, on standard output."""
    command = "scripts/flask"
    if place.data != ROOT / "var":
        command = f"YUQI_DATA_DIR={shlex.quote(str(place.data))} {command}"
    print(f"\n育企已启动：{place.address}\n")
    if accounts:
        print("演示账号（数据除注明来源的公开数字外均为虚构）：")
        for account in accounts:
            print(f"  {account['role']}\t账号 {account['login']}\t口令 {account['password']}")
        print(f"\n命令行：{command} --help")
    else:
        print(f"没有演示账号。还没有账号时，建立第一位管理员：{command} accounts first-administrator")
    if place.host not in LOOPBACK and accounts:
        print("\n注意：这个地址对网络开放，而演示账号的口令是公开的。请不要在里面存放真实资料。")
    print("\n按 Ctrl-C 停止。", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
