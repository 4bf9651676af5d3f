"""Take pictures of pages in headless Chromium, and of the pages of a PDF (see scripts/shots --help)."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2 as pdfium
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parent.parent
HEIGHTS = {390: 844}


def main() -> int:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.pdf:
        return _shoot_pdf(options.pdf, options.out)
    subprocess.run([ROOT / "scripts" / "chromium", "--find"], check=True, stdout=subprocess.DEVNULL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ROOT / "scripts" / "chromium")
        try:
            return int(not all([_shoot_width(browser, width, options) for width in options.width]))
        finally:
            browser.close()


def _shoot_width(browser: Browser, width: int, options: argparse.Namespace) -> bool:
    """Take every path at one width; return whether all could be opened."""
    context = browser.new_context(
        base_url=options.base,
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        locale=options.locale,
        java_script_enabled=not options.no_script,
        has_touch=width < 800,
    )
    context.set_default_timeout(20_000)
    if options.login and not _sign_in(context, options.login, options.password):
        return False
    return all([_shoot(context, path, width, options) for path in options.paths])


def _sign_in(context: BrowserContext, login: str, password: str) -> bool:
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("form:has(input[name=password]) [type=submit]")
    page.wait_for_load_state()
    refused = page.locator("input[name=password]").count() > 0
    if refused:
        _tell(f"✗ 账号“{login}”没有登录成功，页面上写着：{page.locator('main').inner_text()[:300]}")
    page.close()
    return not refused


def _shoot(context: BrowserContext, path: str, width: int, options: argparse.Namespace) -> bool:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: _note(message, complaints))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        response = page.goto(path)
        page.wait_for_load_state("networkidle")
        for action, *arguments in json.loads(options.before):
            getattr(page, action)(*arguments)
            page.wait_for_load_state("networkidle")
        file = options.out / f"{_file_name(path)}-{width}.png"
        page.screenshot(path=file, full_page=not options.screen)
    except BrowserError as problem:
        _tell(f"✗ {path}：{problem.message.splitlines()[0]}")
        return False
    status = response.status if response else 0
    _tell(f"· {status} {path} → {file}{_overflow(page, options)}")
    for complaint in complaints:
        _tell(f"    {complaint}")
    page.close()
    return status < 500


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.type}: {message.text} {message.location.get('url', '')}")


def _overflow(page: Page, options: argparse.Namespace) -> str:
    if options.no_script:
        return ""
    pixels = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return f"（横向超出 {pixels} 像素）" if pixels > 0 else ""


def _file_name(path: str) -> str:
    parts = urlsplit(path)
    words = re.findall(r"[\w-]+", f"{parts.path} {parts.query}")
    return "-".join(words)[:80] or "home"


def _shoot_pdf(pdf: Path, folder: Path) -> int:
    if not pdf.is_file():
        _tell(f"✗ 没有文件 {pdf}")
        return 1
    with pdfium.PdfDocument(pdf) as document:
        for number, sheet in enumerate(document, start=1):
            file = folder / f"{pdf.stem}-{number:02}.png"
            sheet.render(scale=80 / 72).to_pil().save(file)
            _tell(f"· {file}")
    return 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/shots", add_help=False)
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--width", type=int, action="append")
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--no-script", action="store_true")
    parser.add_argument("--before", default="[]")
    parser.add_argument("--locale", default="zh-CN")
    parser.add_argument("--pdf", type=Path)
    options = parser.parse_args()
    options.width = options.width or [1440, 390]
    if not options.paths and not options.pdf:
        parser.error("没有给出页面的路径，例如 /office/firms；用法见 scripts/shots --help")
    return options


if __name__ == "__main__":
    sys.exit(main())
