"""The form that attaches documents of the locker to an answer."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectMultipleField

from app.facts.documents.forms import LockerForm


class AttachForm(LockerForm):
    """Documents that lie in the locker, new ones, or both."""

    document = SelectMultipleField(_l("从材料库选用"), validate_choice=True)

    def offer(self, documents: Sequence[tuple[str, str]]) -> AttachForm:
        """Offer what lies in the locker and return the form."""
        self.document.choices = [SelectChoice(*pair) for pair in documents]
        return self
