"""The entry point of web servers and of the command line."""

from app.factory import create_app
from config import Settings

app = create_app(Settings.from_env())
