"""The entry point of web servers and of the command line."""

import sys

from app.factory import create_app
from app.rulebooks.loader import load_all
from app.rulebooks.tables import RulebookError
from config import Settings

app = create_app(Settings.from_env())
if "rulebooks" not in sys.argv:  # the commands that mend a rulebook must run while one is broken
    try:
        load_all()
    except RulebookError as error:
        raise SystemExit(f"规则集有误，程序没有启动：{error.message}") from None
