"""The way out of the house: mail and the like, through Apprise, whose addresses name the service.

``YUQI_NOTIFY_URL`` is one such address, ``mailtos://user:password@smtp.example.gov.cn`` or a WeCom, DingTalk or SMS
service. ``{to}`` in it stands for the person's own address.
"""

from __future__ import annotations

import logging
from urllib.parse import quote

import apprise

log = logging.getLogger("yuqi.reminders")


class Channel:
    """Sends a text to one address; never raises, says what went wrong."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, to: str, title: str, text: str) -> str:
        """Return an empty text when it went out, else the reason in one sentence."""
        line = apprise.Apprise()
        address = self.url.replace("{to}", quote(to, safe="@"))
        if address == self.url and self.url.startswith("mailto"):
            address += ("&" if "?" in address else "?") + "to=" + quote(to, safe="@")
        if not line.add(address):
            return "通知渠道的地址不能识别，请管理员核对设置 YUQI_NOTIFY_URL"
        try:
            sent = line.notify(title=title, body=text)
        except Exception:  # a channel of somebody else's: whatever it does, the digest must keep its state
            log.exception("the channel failed")
            return "通知渠道出错，详见系统日志"
        return "" if sent else "对方服务器没有接受，请核对收件地址和通知渠道的设置"
