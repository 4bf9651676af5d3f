"""Copy what is served out of node_modules into app/static/vendor/, which git ignores.

Run by scripts/setup. Writes style sheets, scripts and fonts as they are (without their references to source maps,
which would only be asked for in vain), one SVG sprite of the icons named in app/static/icons.txt, and
manifest.json with the SHA-256 of each file.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
ICON_LIST = ROOT / "app" / "static" / "icons.txt"
VENDOR = ROOT / "app" / "static" / "vendor"
SVG = "http://www.w3.org/2000/svg"

TEXT_FILES = {
    "css/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "js/bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "js/htmx.min.js": "htmx.org/dist/htmx.min.js",
}
FONTS = {
    f"fonts/NotoSansSC_{weight}.ttf": f"@expo-google-fonts/noto-sans-sc/{weight}/NotoSansSC_{weight}.ttf"
    for weight in ("400Regular", "700Bold")
}
SOURCE_MAP = re.compile(r"\s*(?://|/\*)# sourceMappingURL=\S+?(?:\s*\*/)?\s*$")
DRAWING = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "viewBox")


def main() -> int:
    """Build the folder beside the old one, then swap, so that a failure leaves what was there."""
    building = VENDOR.with_name("vendor.new")
    shutil.rmtree(building, ignore_errors=True)
    try:
        for target, source in (TEXT_FILES | FONTS).items():
            _copy(PACKAGES / source, building / target)
        (building / "icons.svg").write_text(_sprite(icon_names()), encoding="utf-8")
        _write_manifest(building)
    except (OSError, LookupError) as problem:
        shutil.rmtree(building, ignore_errors=True)
        print(f"✗ 没有备好前端文件：{problem}", file=sys.stderr)
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    building.rename(VENDOR)
    return 0


def icon_names() -> list[str]:
    """Names in icons.txt, one a line; ``#`` begins a comment."""
    lines = ICON_LIST.read_text(encoding="utf-8").splitlines()
    names = [line.split("#")[0].strip() for line in lines]
    return sorted({name for name in names if name})


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".css", ".js"}:
        text = source.read_text(encoding="utf-8")
        target.write_text(SOURCE_MAP.sub("\n", text), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def _sprite(names: list[str]) -> str:
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    unknown = [name for name in names if not _icon_file(name).is_file()]
    if unknown:
        raise LookupError(
            f"app/static/icons.txt 里的图标“{'”“'.join(unknown)}”不存在。"
            "请在 https://tabler.io/icons 查到准确的名称（实心图标以 -filled 结尾）后改正。"
        )
    for name in names:
        sprite.append(_symbol(name))
    return ElementTree.tostring(sprite, encoding="unicode") + "\n"


def _icon_file(name: str) -> Path:
    style = "filled" if name.endswith("-filled") else "outline"
    return PACKAGES / "@tabler" / "icons" / "icons" / style / f"{name.removesuffix('-filled')}.svg"


def _symbol(name: str) -> ElementTree.Element:
    """The icon as ``<symbol id="name">``, without the invisible square that each file begins with."""
    icon = ElementTree.parse(_icon_file(name)).getroot()
    symbol = ElementTree.Element(f"{{{SVG}}}symbol", {"id": name})
    symbol.attrib.update({key: icon.attrib[key] for key in DRAWING if key in icon.attrib})
    for part in icon:
        if part.get("d") != "M0 0h24v24H0z":
            part.tail = None
            symbol.append(part)
    return symbol


def _write_manifest(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    text = json.dumps(digests, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
