"""The gallery's doors and its invented rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Flask, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from app.core.paging import Page
from app.web.forms import Form
from app.web.surfaces import open_door

INVENTED = (
    "海舟", "禾木生物", "鑫犇半导体", "博渊软件", "华睿生物",
    "蓝舸数据", "瀚霖新材料", "喆星环保", "天杼新材料", "昇远精密",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    code: str
    town: str
    revenues: tuple[int | None, ...]
    score: int


ROWS = [
    Row(
        id=number,
        name=f"江门市{word}示例有限公司",
        code=f"9144070{number}MA5EXAMP{number}X",
        town=("荷塘镇", "杜阮镇", "棠下镇", "白沙街道")[number % 4],
        revenues=tuple(None if number == 3 and y == 1 else (number * 7919 * (y + 3)) % 9000 + 1200 for y in range(5)),
        score=(number * 37) % 60 + 38,
    )
    for number, word in enumerate(INVENTED)
]


class GalleryForm(Form):
    revenue = DecimalField("2025 年销售收入", [InputRequired("请填写销售收入")], description="取自年度审计报告")
    expense = DecimalField("2025 年研究开发费用", [InputRequired("请填写研发费用")])
    staff = IntegerField("职工总数", [Optional()])
    day = DateField("取得日期", [Optional()])
    town = SelectField("镇街", choices=[SelectChoice("", "请选择"), SelectChoice("a", "荷塘镇")])
    org = RadioField(
        "研发机构建设情况",
        choices=[SelectChoice("n", "尚未建立"), SelectChoice("c", "企业自建"), SelectChoice("p", "省级及以上")],
        validators=[InputRequired("请选择研发机构建设情况")],
    )
    chains = SelectMultipleField("产业集群", choices=[SelectChoice("1", "新一代信息技术"), SelectChoice("2", "新能源")])
    note = TextAreaField("情况说明")
    proof = MultipleFileField("佐证材料")
    agree = BooleanField("以上数据与审计报告一致", [InputRequired("请勾选确认")])


def install(app: Flask) -> None:
    """Serve the gallery under /gallery; call before the first request."""
    here = FileSystemLoader(Path(__file__).parent.parent)
    app.jinja_loader = ChoiceLoader([app.jinja_loader or here, here])
    door = Blueprint("gallery", __name__, url_prefix="/gallery")
    asked = {"times": 0}

    @door.get("/list")
    @open_door
    def show_list() -> str:
        words = request.args.get("q", "")
        if words == "boom":
            abort(500)
        rows = [row for row in ROWS if words in row.name]
        sort = request.args.get("sort", "name")
        page = Page(items=rows[::-1] if sort.startswith("-") else rows, total=len(rows), after="" if words else "next")
        return render_template("gallery/list.html", page=page, sort=sort, kind=request.args.get("kind", ""))

    @door.route("/form", methods=["GET", "POST"])
    @open_door
    def show_form() -> ResponseReturnValue:
        form = GalleryForm()
        refused = form.is_submitted() and not form.validate()
        return render_template("gallery/form.html", form=form), 422 if refused else 200

    @door.route("/portal", methods=["GET", "POST"])
    @open_door
    def show_portal() -> ResponseReturnValue:
        form = GalleryForm()
        refused = form.is_submitted() and not form.validate()
        return render_template("gallery/portal.html", form=form), 422 if refused else 200

    @door.get("/detail")
    @open_door
    def show_detail() -> str:
        moment = datetime(2026, 5, 8, 6, 32, tzinfo=UTC)
        return render_template("gallery/detail.html", firm=ROWS[1], now=moment, form=Form(), ended=asked["times"] > 2)

    @door.get("/job")
    @open_door
    def job() -> ResponseReturnValue:
        asked["times"] += 1
        done = min(asked["times"], 3)
        label = "已完成" if done == 3 else "进行中"
        return jsonify(state="running", label=label, done=done, total=3, note="", error="", finished=done == 3)

    app.register_blueprint(door)
