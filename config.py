"""Settings, read once from the environment. No logic beyond reading and refusing what is unsafe."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KNOWN_BAD_KEYS = frozenset({"", "dev", "secret", "changeme", "change-me", "development", "secret-key"})


class UnsafeSettings(SystemExit):
    """A setting is wrong or unsafe; the program does not start. The text names the setting and the remedy."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides.

    ``env`` is ``development`` (embedded, demo data allowed), ``production`` or ``test``. ``data_dir`` holds the
    embedded database, stored files and the generated key. ``public_url`` is what the QR code of a dossier leads to.
    Exports above ``export_purpose_rows`` ask for a purpose, above ``export_job_rows`` they are a job; files stay
    ``export_days`` days. ``proxies`` is how many reverse proxies stand before the server: so many addresses of
    X-Forwarded-For are believed.
    ``seal_keys`` encrypt what must be read again (the newest first; without any, a key is derived from ``secret_key``).
    ``second_factor`` is ``optional``, ``staff`` or ``everybody``: who must set one up before anything else.
    ``notify_url`` is the way out for reminders (an address as Apprise takes it), empty for none.
    ``locker_bytes`` is how much a firm may keep in its locker.
    ``scanner`` is the address of ClamAV's clamd, empty for none: then nothing is scanned, and the office is told so.
    ``support`` is whom to call (a name, a telephone, the hours), shown at the foot of the portal and on error pages.
    ``import_alone`` lets the person who submitted an import confirm it too (an office of one person).
    """

    env: str
    data_dir: Path
    database_url: str
    secret_key: str
    public_url: str
    trusted_hosts: tuple[str, ...] = ()
    max_upload_bytes: int = 30 * 1024 * 1024
    session_idle_minutes: int = 60
    session_hours: int = 12
    proxies: int = 0
    export_purpose_rows: int = 500
    export_job_rows: int = 5_000
    export_days: int = 7
    import_alone: bool = False
    seal_keys: tuple[str, ...] = ()
    second_factor: str = "optional"
    notify_url: str = ""
    locker_bytes: int = 500 * 1024 * 1024
    scanner: str = ""
    support: str = ""

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raise ``UnsafeSettings`` naming the setting and the remedy."""
        env = dict(os.environ if environ is None else environ)
        name = env.get("YUQI_ENV", "development")
        if name not in {"development", "production", "test"}:
            raise UnsafeSettings(f"设置 YUQI_ENV 的值“{name}”无效：请用 development、production 或 test。")
        data_dir = Path(env.get("YUQI_DATA_DIR", "var")).absolute()
        settings = cls(
            env=name,
            data_dir=data_dir,
            database_url=_database_url(env.get("DATABASE_URL", ""), data_dir),
            secret_key=_secret_key(env, name, data_dir),
            public_url=env.get("YUQI_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
            trusted_hosts=tuple(h for h in env.get("YUQI_TRUSTED_HOSTS", "").split(",") if h),
            max_upload_bytes=_number(env, "YUQI_MAX_UPLOAD_MB", 30) * 1024 * 1024,
            session_idle_minutes=_number(env, "YUQI_SESSION_IDLE_MINUTES", 60),
            session_hours=_number(env, "YUQI_SESSION_HOURS", 12),
            export_purpose_rows=_number(env, "YUQI_EXPORT_PURPOSE_ROWS", 500),
            export_job_rows=_number(env, "YUQI_EXPORT_JOB_ROWS", 5_000),
            export_days=_number(env, "YUQI_EXPORT_DAYS", 7),
            proxies=_number(env, "YUQI_PROXIES", 1) if env.get("YUQI_PROXIES") else 0,
            seal_keys=tuple(key for key in env.get("YUQI_SEAL_KEYS", "").split(",") if key),
            second_factor=_second_factor(env.get("YUQI_SECOND_FACTOR", "optional")),
            notify_url=env.get("YUQI_NOTIFY_URL", ""),
            locker_bytes=_number(env, "YUQI_LOCKER_MB", 500) * 1024 * 1024,
            scanner=_scanner(env.get("YUQI_CLAMAV", "")),
            support=env.get("YUQI_SUPPORT", "").strip(),
            import_alone=env.get("YUQI_IMPORT_ALONE", "") == "1",
        )
        if settings.is_production:
            _refuse_unsafe(settings)
        return settings


def _database_url(url: str, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'yuqi.db'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        scheme = url.split(":", 1)[0]
        raise UnsafeSettings(
            f"设置 DATABASE_URL 的类型“{scheme}”不支持：请用 sqlite:///路径 或 postgresql://用户:密码@主机/库名。"
        )
    return url


def _secret_key(env: Mapping[str, str], name: str, data_dir: Path) -> str:
    key = env.get("YUQI_SECRET_KEY", "")
    if key:
        return key
    path = Path(env["YUQI_SECRET_KEY_FILE"]) if env.get("YUQI_SECRET_KEY_FILE") else data_dir / "secret-key"
    if path.is_file():
        return path.read_text(encoding="utf-8").strip()
    if name == "production":
        return ""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = os.urandom(32).hex()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key)
    return key


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise UnsafeSettings(f"设置 {name} 的值“{text}”不是正整数：请改为如 {default} 这样的数字。")
    return int(text)


def _second_factor(text: str) -> str:
    if text not in {"optional", "staff", "everybody"}:
        raise UnsafeSettings(
            f"设置 YUQI_SECOND_FACTOR 的值“{text}”无效："
            "请用 optional（自愿）、staff（局内必须）或 everybody（全部必须）。"
        )
    return text


def _scanner(text: str) -> str:
    if text and not re.fullmatch(r"tcp://[^/\s]+:[0-9]{1,5}|unix:///.+", text):
        raise UnsafeSettings(
            f"设置 YUQI_CLAMAV 的值“{text}”无效：请用 tcp://主机:3310 或 unix:///run/clamav/clamd.ctl，不查毒的不设。"
        )
    return text


def _refuse_unsafe(settings: Settings) -> None:
    key = settings.secret_key
    if key.lower() in KNOWN_BAD_KEYS or len(key) < 32 or len(set(key)) < 8:  # "aaaa…" is long and no secret
        raise UnsafeSettings(
            "生产环境缺少可靠的密钥：请把 YUQI_SECRET_KEY 设为至少 32 个字符的随机串"
            "（例如 python3 -c 'import secrets; print(secrets.token_hex(32))' 的输出）。"
        )
    if any(len(key) < 32 for key in settings.seal_keys):
        raise UnsafeSettings("设置 YUQI_SEAL_KEYS 中有少于 32 个字符的密钥：请换成随机串，用逗号隔开，最新的放最前。")
    if not settings.public_url.startswith("https://"):
        raise UnsafeSettings("生产环境的 YUQI_PUBLIC_URL 必须是 https:// 开头的正式网址，档案上的二维码要用它。")
    if not settings.trusted_hosts:
        raise UnsafeSettings("生产环境必须设置 YUQI_TRUSTED_HOSTS（用逗号隔开的域名），以拒绝伪造的主机名。")
    if settings.database_url.startswith("sqlite"):
        raise UnsafeSettings("生产环境请用 PostgreSQL：把 DATABASE_URL 设为 postgresql://用户:密码@主机/库名。")
