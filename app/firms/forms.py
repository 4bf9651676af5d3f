"""Forms of the firms room: shape and wording."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.choices import Choice
from app.core.errors import Invalid
from app.core.text import N_
from app.firms import industries
from app.firms.contacts import ContactDraft
from app.firms.service import FirmDraft
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town
from app.web.forms import Form, strip
from app.web.i18n import translate


def _options(choices: type[Choice], empty: str) -> list[SelectChoice]:
    return [SelectChoice("", empty), *(SelectChoice(value, label) for value, label in choices.options())]


# a firm is merged on a page of its own
_STATUSES = [SelectChoice(one.value, one.label) for one in FirmStatus if one is not FirmStatus.MERGED]


class FirmForm(Form):
    """The identity of a firm. The confirmations are shown when there is something to confirm."""

    version = HiddenField()
    name = StringField(
        _l("企业名称"),
        filters=[strip],
        validators=[DataRequired(_l("请填写企业名称。")), Length(max=120, message=_l("最多 120 个字。"))],
        description=_l("与营业执照一致的全称"),
    )
    short_name = StringField(
        _l("简称"), filters=[strip], validators=[Length(max=60)], description=_l("平时怎么称呼，便于查找，例如“海信”")
    )
    credit_code = StringField(
        _l("统一社会信用代码"),
        filters=[strip],
        validators=[Length(max=60)],
        description=_l("18 位；可留空，留空的企业不能按代码匹配导入的数据"),
    )
    code_confirmed = BooleanField(_l("已对照营业执照核对，代码无误，按此保存"))
    security_code = StringField(
        _l("证券代码"), filters=[strip], validators=[Length(max=20)], description=_l("仅上市企业")
    )
    registered_on = DateField(_l("成立日期"), validators=[Optional()])
    status = SelectField(_l("登记状态"), choices=_STATUSES)
    town = SelectField(_l("镇街"), choices=_options(Town, N_("未登记")))
    address = StringField(_l("地址"), filters=[strip], validators=[Length(max=200)])
    industry = StringField(
        _l("行业"), filters=[strip], validators=[Length(max=80)], description=_l("主营业务怎么说，原来的写法保留在这里")
    )
    industry_code = StringField(
        _l("行业代码"),
        filters=[strip],
        validators=[Length(max=60)],
        description=_l("GB/T 4754-2017 的代码或名称，例如 C3857"),
    )
    primary_cluster = SelectField(_l("主要产业集群"), choices=_options(ClusterCode, N_("不属于五个集群")))
    other_clusters = SelectMultipleField(
        _l("同时属于"),
        choices=[SelectChoice(value, label) for value, label in ClusterCode.options()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    chain_role = SelectField(_l("链上角色"), choices=_options(ChainRole, N_("未确定")))
    note = TextAreaField(_l("备注"), filters=[strip], validators=[Length(max=2000)])
    corrects_name = BooleanField(_l("原名称录入有误，只更正文字，不是更名"))
    not_the_same = BooleanField(_l("已核对，与下列企业不是同一家，仍要新增"))

    def validate_industry_code(self, field: Field) -> None:
        """Refuse what the table of industries does not have, with the nearest entries."""
        try:
            industries.chosen(field.data or "")
        except Invalid as error:
            raise ValidationError(translate(error.message)) from None

    def leave_status(self) -> None:
        """Ask no status: once a firm stands in the register its status follows from registry events."""
        del self.status

    def draft(self) -> FirmDraft:
        """Return what was typed."""
        primary = [ClusterCode(self.primary_cluster.data)] if self.primary_cluster.data else []
        others = [ClusterCode(value) for value in self.other_clusters.data or [] if value != self.primary_cluster.data]
        if not primary and others:
            primary, others = others[:1], others[1:]
        return FirmDraft(
            name=self.name.data or "",
            short_name=self.short_name.data or "",
            credit_code=self.credit_code.data or None,
            code_confirmed=bool(self.code_confirmed.data),
            security_code=self.security_code.data or None,
            registered_on=self.registered_on.data,
            status=FirmStatus(self.status.data) if self.status else FirmStatus.ACTIVE,
            town=Town(self.town.data) if self.town.data else None,
            address=self.address.data or "",
            industry=self.industry.data or "",
            industry_code=industries.chosen(self.industry_code.data or ""),
            clusters=(*primary, *others),
            chain_role=ChainRole(self.chain_role.data) if self.chain_role.data else None,
            note=self.note.data or "",
        )

    @staticmethod
    def values_of(draft: FirmDraft, version: int) -> dict[str, object]:
        """Return the form's values for a draft."""
        return {
            "version": version,
            "name": draft.name,
            "short_name": draft.short_name,
            "credit_code": draft.credit_code or "",
            "code_confirmed": draft.code_confirmed,
            "security_code": draft.security_code or "",
            "registered_on": draft.registered_on,
            "status": draft.status.value,
            "town": draft.town.value if draft.town else "",
            "address": draft.address,
            "industry": draft.industry,
            "industry_code": str(industries.industry(draft.industry_code) or ""),
            "primary_cluster": draft.clusters[0].value if draft.clusters else "",
            "other_clusters": [one.value for one in draft.clusters[1:]],
            "chain_role": draft.chain_role.value if draft.chain_role else "",
            "note": draft.note,
        }


class ContactForm(Form):
    """A person at a firm."""

    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(_l("请填写联系人姓名。")), Length(max=60)])
    post = StringField(_l("职务"), filters=[strip], validators=[Length(max=60)])
    phone = StringField(_l("电话"), filters=[strip], validators=[Length(max=40)])
    email = StringField(_l("电子邮箱"), filters=[strip], validators=[Length(max=120)])
    is_primary = BooleanField(_l("主要联系人"))

    def draft(self) -> ContactDraft:
        """Return what was typed."""
        return ContactDraft(
            name=self.name.data or "",
            post=self.post.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            is_primary=bool(self.is_primary.data),
        )


class FormerNameForm(Form):
    """A name the firm had."""

    name = StringField(_l("曾用名"), filters=[strip], validators=[DataRequired(_l("请填写曾用名。")), Length(max=120)])
    until = DateField(_l("停用日期"), validators=[Optional()], description=_l("不清楚可留空"))


class RosterForm(Form):
    """A year on the above-scale roster."""

    year = IntegerField(_l("年度"), validators=[InputRequired(_l("请填写年度，例如 2025。"))])
    source = StringField(
        _l("名录来源"),
        filters=[strip],
        validators=[DataRequired(_l("请写明名录来源。")), Length(max=200)],
        description=_l("例如：区统计局 2025 年规上工业企业名录"),
    )


class AssignForm(Form):
    """Who is to look after the chosen firms; the choices are set by the view."""

    caseworker = SelectField(_l("经办人"), validate_choice=False)
