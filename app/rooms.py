"""The register: each room's doors, menu entries, jobs, commands and models. Nothing else imports a door."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence

from flask import Blueprint
from flask.cli import AppGroup

from app.access.actions import Action
from app.accounts import cli as accounts_cli
from app.accounts import public as accounts_public
from app.core.text import N_
from app.jobs import cli as jobs_cli
from app.jobs import office as jobs_office
from app.jobs.worker import Handler
from app.web.navigation import MenuEntry

MODELS = (
    "audit", "jobs", "files", "accounts", "firms", "facts", "rulebooks", "eligibility", "programmes",
    "nominations", "imports", "dossiers",
)  # fmt: skip
SUB_MODELS = (
    "programmes.doubling", "programmes.cultivation", "programmes.rd_institutions", "programmes.digital",
)  # fmt: skip

PUBLIC: Sequence[Blueprint] = (accounts_public.door,)
OFFICE: Sequence[Blueprint] = (jobs_office.door,)
PORTAL: Sequence[Blueprint] = ()

COMMANDS: Sequence[AppGroup] = (accounts_cli.group, jobs_cli.group)

JOBS: Mapping[str, Handler] = {}

MENU: Sequence[MenuEntry] = (MenuEntry("office.jobs.index", N_("后台任务"), "clock-play", Action.JOB_READ, N_("系统")),)


def load_models() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for room in (*MODELS, *SUB_MODELS):
        name = f"app.{room}.models"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
