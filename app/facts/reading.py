"""Read a file of figures (YAML or JSON) without losing a digit, a leading zero or a repeated key.

YAML is read with the plain scalars people mean: decimal numbers stay exact, 010101 stays a code, 12:30 stays text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from app.core.errors import Invalid
from app.core.text import Message, tr

MAX_BYTES = 5_000_000


class _ExactLoader(yaml.SafeLoader):
    """YAML with exact decimals; keys that repeat are refused."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._open: list[str] = []
        self._nested: set[str] = set()

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Take references (programs write them for repeated content), but none to itself or to other references:
        those hide loops, or swell to any size."""
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        anchor: str | None = getattr(event, "anchor", None)
        if not isinstance(event, yaml.AliasEvent):
            if anchor is None:
                return super().compose_node(parent, index)
            self._open.append(anchor)
            try:
                return super().compose_node(parent, index)
            finally:
                self._open.pop()
        if anchor in self._open or anchor in self._nested:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise Invalid("", tr("第 %(line)s 行：YAML 引用（*）层层相套，请直接写出内容。", line=line))
        self._nested.update(self._open)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise Invalid("", tr("第 %(line)s 行：这里不能用列表作键名。", line=key_node.start_mark.line + 1))
            if key in seen:
                raise Invalid(
                    str(key),
                    tr("第 %(line)s 行：“%(key)s”重复出现，请只保留一个。", line=key_node.start_mark.line + 1, key=key),
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


def _whole(text: str) -> int | Decimal:
    """Return the whole number; one of more digits than any figure has stays a decimal, which is refused by name."""
    return int(text) if len(text) <= 30 else Decimal(text)


def _decimal_or_int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | Decimal:
    return _whole(loader.construct_scalar(node))


def _date(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    """Return the day; one that is not on the calendar stays text, which is refused with the name of its figure."""
    text = loader.construct_scalar(node)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _resolver(tag: str, pattern: str, first: str) -> None:
    _ExactLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolver("bool", r"^(?:true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO)$", "tTfFyYnN")
_resolver("null", r"^(?:~|null|Null|NULL|)$", "~nN\0")
_ExactLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
_resolver("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")
_resolver(
    "float", r"^[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?$|^[-+]?[1-9][0-9]*[eE][-+]?[0-9]+$", "-+0123456789."
)
_resolver("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789")
_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_ExactLoader.add_constructor("tag:yaml.org,2002:int", _decimal_or_int)
_ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", _date)


def read_file(path: Path) -> dict[str, object]:
    """Return the mapping in a .json, .yaml or .yml file. Raises Invalid naming the place and the remedy."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Invalid("", tr("无法读取文件 %(path)s：%(why)s。", path=path, why=_why(error))) from None
    if len(raw) > MAX_BYTES:
        raise Invalid("", tr("文件 %(path)s 过大，不是一家企业的指标文件。", path=path.name))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("", tr("文件 %(path)s 不是 UTF-8 文本，请另存为 UTF-8 后再试。", path=path.name)) from None
    try:
        return read_json(text) if path.suffix.lower() == ".json" else read_yaml(text)
    except Invalid as error:
        raise Invalid(error.field, tr("%(file)s：%(why)s", file=path.name, why=error.message)) from None


def _why(error: OSError) -> Message | str:
    if isinstance(error, FileNotFoundError):
        return tr("文件不存在")
    if isinstance(error, IsADirectoryError):
        return tr("这是一个文件夹")
    return tr("没有读取权限") if isinstance(error, PermissionError) else str(error.strerror)


def read_yaml(text: str) -> dict[str, object]:
    """Return the mapping written in YAML, decimals exact. Raises Invalid with the line."""
    try:
        return _mapping(yaml.load(text, Loader=_ExactLoader))  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Invalid(
            "",
            tr(
                "第 %(line)s 行：不是有效的 YAML，请检查缩进（用空格，不用制表符）、冒号后的空格和括号（%(why)s）。",
                line=line,
                why=error.problem,
            ),
        ) from None
    except yaml.YAMLError as error:
        raise Invalid("", tr("不是有效的 YAML（%(why)s）。", why=str(error).splitlines()[0])) from None
    except RecursionError:
        raise Invalid("", tr("内容嵌套过深。")) from None


def read_json(text: str) -> dict[str, object]:
    """Return the mapping written in JSON, decimals exact. Raises Invalid with the line."""
    try:
        return _mapping(
            json.loads(text, parse_float=Decimal, parse_int=_whole, parse_constant=_constant, object_pairs_hook=_pairs)
        )
    except json.JSONDecodeError as error:
        raise Invalid(
            "", tr("第 %(line)s 行第 %(column)s 列：不是有效的 JSON。", line=error.lineno, column=error.colno)
        ) from None
    except RecursionError:
        raise Invalid("", tr("内容嵌套过深。")) from None


def _constant(name: str) -> object:
    raise Invalid("", tr("“%(name)s”不是有限的数字。", name=name))


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise Invalid(key, tr("“%(key)s”重复出现，请只保留一个。", key=key))
        found[key] = value
    return found


def _mapping(content: object) -> dict[str, object]:
    if not isinstance(content, Mapping):
        raise Invalid("", tr("文件内容须为“键名: 值”的形式，例如 sales_revenue: {2023: 4200}。"))
    return {str(key): value for key, value in content.items()}
