"""Forms about who a firm is: rename, days of a name, events, reasons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.firms.registry import EventDraft
from app.firms.taxonomy import EventKind
from app.web.forms import Form, strip


class RenameForm(Form):
    """A new name, from when, and what says so."""

    version = HiddenField()
    name = StringField(
        _l("新名称"), filters=[strip], validators=[DataRequired(_l("请填写新名称。")), Length(max=120)],
        description=_l("与变更后的营业执照一致的全称"),
    )  # fmt: skip
    on = DateField(_l("更名日期"), validators=[InputRequired(_l("请填写更名日期，以变更通知书为准。"))])
    document = StringField(
        _l("依据"), filters=[strip], validators=[DataRequired(_l("请写明依据。")), Length(max=200)],
        description=_l("例如：准予变更登记通知书 2025 第 12 号"),
    )  # fmt: skip


class NameDaysForm(Form):
    """The days of a former name and the document."""

    since = DateField(_l("启用日期"), validators=[Optional()], description=_l("不清楚可留空"))
    until = DateField(_l("停用日期"), validators=[Optional()], description=_l("不清楚可留空"))
    document = StringField(_l("依据"), filters=[strip], validators=[Length(max=200)])


class EventForm(Form):
    """What happened at the registry."""

    kind = SelectField(_l("变动"), choices=[SelectChoice(value, label) for value, label in EventKind.options()])
    on_day = DateField(_l("变动日期"), validators=[InputRequired(_l("请填写变动日期。"))])
    from_place = StringField(
        _l("迁自"), filters=[strip], validators=[Length(max=80)], description=_l("迁入、区内迁移时填写，例如“新会区”")
    )
    to_place = StringField(
        _l("迁往"), filters=[strip], validators=[Length(max=80)], description=_l("迁出、区内迁移时填写，例如“江海区”")
    )
    parent = StringField(
        _l("所属法人"), filters=[strip], validators=[Length(max=120)],
        description=_l("登记为分支机构时填写：法人的统一社会信用代码或全称"),
    )  # fmt: skip
    document = StringField(_l("依据"), id="event-document", filters=[strip], validators=[Length(max=200)])
    note = StringField(_l("说明"), id="event-note", filters=[strip], validators=[Length(max=300)])

    def draft(self, parent_id: int | None) -> EventDraft:
        """Return what was typed."""
        return EventDraft(
            kind=EventKind(self.kind.data),
            on_day=self.on_day.data,
            from_place=self.from_place.data or "",
            to_place=self.to_place.data or "",
            parent_id=parent_id,
            document=self.document.data or "",
            note=self.note.data or "",
        )


class ReasonForm(Form):
    """A reason for something that is kept in the log."""

    reason = TextAreaField(
        _l("理由和依据"), filters=[strip], validators=[DataRequired(_l("请写明理由。")), Length(max=300)]
    )
