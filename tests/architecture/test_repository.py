"""What is committed: locked by hash, free of third-party code, and of names of one machine."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NOT_OURS = {"var", "node_modules", "vendor", "__pycache__"}
LOCKS = sorted(ROOT.glob("requirements*.txt"))
TEXT = {".py", ".toml", ".txt", ".in", ".json", ".html", ".css", ".js", ".md", ".po", ".ini", ".mako", ".csv", ""}


def files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and (name == ".ci" or name[0] != ".")]
        yield from (Path(folder) / name for name in names)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_locked_by_hash(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pinned = re.findall(r"^(\S+?)(?:\[\S+])?==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    named = re.findall(r"^([A-Za-z0-9]\S*)", text, re.MULTILINE)
    assert pinned
    assert len(pinned) == len(named)
    assert "://" not in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_wanted_package_is_in_its_lock(lock: Path) -> None:
    wanted = lock.with_suffix(".in").read_text(encoding="utf-8").splitlines()
    names = [re.split(r"[=<>\[ ;#]", line)[0] for line in wanted if line and not line.startswith(("-", "#"))]
    text = lock.read_text(encoding="utf-8").lower()
    missing = [name for name in names if not re.search(rf"^{re.escape(name.lower())}(\[\S+])?==", text, re.MULTILINE)]
    assert not missing


def test_front_end_packages_are_pinned_and_name_no_server() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for version in (wanted["dependencies"] | wanted["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages.keys() >= {f"node_modules/{name}" for name in wanted["dependencies"]}
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_no_third_party_code_is_committed() -> None:
    assert not [path for path in files() if ".min." in path.name or path.suffix in {".map", ".ttf", ".woff2"}]


def test_nothing_names_the_machine_it_was_written_on() -> None:
    machine = re.compile("|".join(["/" + "work/", r"\.lib" + "rary/", "/root" + "/", "/home" + "/"]))
    offenders = [
        str(path.relative_to(ROOT))
        for path in files()
        if path.suffix in TEXT and machine.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not offenders
