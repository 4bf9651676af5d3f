"""Three front doors: public, office (staff), portal (firms). Default deny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.core.errors import Refused
from app.core.text import tr
from app.web import unsent

View = TypeVar("View", bound=Callable[..., Any])

ACTION_ATTRIBUTE = "__yuqi_action__"
OPEN = "open"


# what somebody may do who has yet to set up the second factor that the settings ask for
_BEFORE_SECURED = frozenset({Action.ACCOUNT_PASSWORD, Action.ACCOUNT_SECURE, Action.ACCOUNT_SIGN_OUT})


class UndeclaredDoor(RuntimeError):
    """A view declares no action; the program refuses to start."""


def requires(action: Action) -> Callable[[View], View]:
    """Declare the action that a view carries out; the guard of its surface checks it."""

    def mark(view: View) -> View:
        setattr(view, ACTION_ATTRIBUTE, action)
        return view

    return mark


def open_door(view: View) -> View:
    """Declare that a view is for everybody, signed in or not."""
    setattr(view, ACTION_ATTRIBUTE, OPEN)
    return view


def declared(app: Flask, endpoint: str) -> Action | str | None:
    """Return what the view behind ``endpoint`` declares."""
    found: Action | str | None = getattr(app.view_functions.get(endpoint), ACTION_ATTRIBUTE, None)
    return found


def actor() -> Actor:
    """Return who is signed in; only for views behind a guard."""
    person = current_actor()
    if person is None:
        abort(401)
    return person


def current_actor() -> Actor | None:
    """Return who is signed in, or None."""
    found: Actor | None = g.get("actor")
    return found


def make_surfaces() -> dict[str, Blueprint]:
    """Return fresh blueprints for one application."""
    public = Blueprint("public", __name__)
    office = Blueprint("office", __name__, url_prefix="/office")
    portal = Blueprint("portal", __name__, url_prefix="/portal")
    return {"public": public, "office": office, "portal": portal}


def install_guard(app: Flask) -> None:
    """Check every request before its view runs."""

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no such address; the error page answers
        action = declared(app, request.endpoint)
        if action == OPEN:
            return None
        person = current_actor()
        if person is None:
            return _to_sign_in()
        if not isinstance(action, Action):
            raise Refused(tr("这个页面没有声明权限，已拒绝访问，请联系管理员。"))
        _check_surface(person, request.endpoint)
        decision = decide(person, action)
        if not decision.allowed:
            raise Refused(decision.reason or tr("没有权限。"))
        return _first_of_all(action)


def _first_of_all(action: Action) -> ResponseReturnValue | None:
    """Send people to what they must do before anything else: a password of their own, a second factor."""
    if g.get("must_change_password") and action not in {Action.ACCOUNT_PASSWORD, Action.ACCOUNT_SIGN_OUT}:
        return redirect(url_for("public.accounts.password"))
    if g.get("must_secure") and action not in _BEFORE_SECURED:
        return redirect(url_for("public.accounts.security"))
    return None


def _check_surface(person: Actor, endpoint: str) -> None:
    if endpoint.startswith("office.") and person.is_firm:
        raise Refused(tr("这里是局内工作后台，企业账号请使用企业服务门户。"))
    if endpoint.startswith("portal.") and not person.is_firm:
        raise Refused(tr("这里是企业服务门户，局内人员请使用工作后台。"))


def _to_sign_in() -> ResponseReturnValue:
    """Send to the door, and from there to where one was: what was typed is put back there (``unsent.js``)."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else unsent.back() or None
    target = url_for("public.accounts.sign_in", next=wanted)
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": target}
    return redirect(target)


def check_doors(app: Flask) -> None:
    """Refuse to start when a door declares nothing (an address without a lock)."""
    bare = sorted(
        str(rule)
        for rule in app.url_map.iter_rules()
        if declared(app, rule.endpoint) is None and rule.endpoint != "static"
    )
    if bare:
        raise UndeclaredDoor(
            "这些地址没有声明权限（请在视图上写 @requires(Action.…) 或 @open_door）：" + "、".join(bare)
        )


def is_development() -> bool:
    """True when the embedded development mode runs (demo banner, demo accounts)."""
    return not current_app.config["YUQI_SETTINGS"].is_production
