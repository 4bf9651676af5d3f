"""What can be changed in a module so that a test should notice: sites of mutation in its syntax tree (pure)."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_NAMED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "any_of": "all_of", "all_of": "any_of",
    "MET": "UNMET", "UNMET": "MET", "UNKNOWN": "NEEDS_REVIEW", "NEEDS_REVIEW": "UNKNOWN", "NOT_APPLICABLE": "MET",
    "ELIGIBLE": "INELIGIBLE", "INELIGIBLE": "UNDETERMINED", "UNDETERMINED": "NEEDS_REVIEW",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the how-manieth of a module, what it is, its place, and the lines whose running may show it.

    ``owner`` is the function or method around it (Class.method), empty at the level of the module. ``text`` is the line
    as it stands, ``which`` tells apart the same change of the same text in one module: by these it is known again when
    lines move.
    """

    module: str
    number: int
    what: str
    line: int
    lines: tuple[int, int]
    owner: str
    text: str
    which: int

    @property
    def place(self) -> tuple[str, str, str, int]:
        """Module, line as it stands, change, and the how-manieth of such changes."""
        return self.module, self.text, self.what, self.which

    @property
    def key(self) -> str:
        """The place as one text."""
        return "|".join(map(str, self.place))

    def __str__(self) -> str:
        which = f" ({self.which})" if self.which else ""
        return f"{self.module}:{self.line} {self.what}{which}｜{self.text}"


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Return every change there can be in a module."""
    found: list[Mutant] = []
    texts = source.splitlines()
    times: Counter[tuple[str, str]] = Counter()
    for node, lines, owner in _walked(ast.parse(source)):
        for what, _change in _changes(node):
            line = getattr(node, "lineno", lines[0])
            text = texts[line - 1].strip()
            found.append(Mutant(module, len(found), what, line, lines, owner, text, times[text, what]))
            times[text, what] += 1
    return found


def mutated(source: str, number: int) -> ast.Module:
    """Return the tree of a module with that one change made."""
    tree = ast.parse(source)
    count = 0
    for node, _lines, _owner in _walked(tree):
        for _what, change in _changes(node):
            if count == number:
                _become(node, change)
                return ast.fix_missing_locations(tree)
            count += 1
    raise IndexError(number)


def _become(node: ast.AST, other: ast.AST) -> None:
    """Turn a node into another one where it stands."""
    twin = copy.copy(other)
    node.__class__ = type(twin)
    for name in list(vars(node)):
        if name not in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            delattr(node, name)
    for name, value in vars(twin).items():
        if name not in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            setattr(node, name, value)


def _walked(tree: ast.Module) -> Iterator[tuple[ast.AST, tuple[int, int], str]]:
    """Walk over everything that runs when the program judges: no annotations, no docstrings, no assertions."""
    yield from _inside(tree, (1, 1), "")


def _inside(node: ast.AST, lines: tuple[int, int], owner: str) -> Iterator[tuple[ast.AST, tuple[int, int], str]]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_idle(child):
                continue
            around, at = owner, lines
            if isinstance(child, ast.FunctionDef | ast.ClassDef) and isinstance(node, ast.Module | ast.ClassDef):
                around = f"{owner}.{child.name}" if owner else child.name
            if isinstance(child, ast.stmt):
                at = _header(child)
            yield child, at, around
            yield from _inside(child, at, around)


def _is_idle(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.Raise):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _header(node: ast.stmt) -> tuple[int, int]:
    """Return the lines of a statement without those of the statements inside it."""
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
    return node.lineno, max(node.lineno, last)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    maker = _MAKERS.get(type(node))
    if maker is not None:
        yield from maker(node)


def _of_compare(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    for place, old in enumerate(node.ops):
        for new in _COMPARED[type(old)]:
            ops = [*node.ops[:place], new(), *node.ops[place + 1 :]]
            yield f"{type(old).__name__}→{new.__name__}", ast.Compare(node.left, ops, node.comparators)


def _of_bin_op(node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
    new = _COUNTED.get(type(node.op))
    if new is not None and not _is_text(node.left) and not _is_text(node.right):
        yield f"{type(node.op).__name__}→{new.__name__}", ast.BinOp(node.left, new(), node.right)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _of_bool_op(node: ast.BoolOp) -> Iterator[tuple[str, ast.AST]]:
    new = ast.Or if isinstance(node.op, ast.And) else ast.And
    yield f"{type(node.op).__name__}→{new.__name__}", ast.BoolOp(new(), node.values)
    for place in range(len(node.values)):
        rest = [value for at, value in enumerate(node.values) if at != place]
        yield f"without part {place}", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _of_unary_op(node: ast.UnaryOp) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield f"without {type(node.op).__name__}", node.operand


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.value, bool):
        yield f"{node.value}→{not node.value}", ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield f"{node.value}→{node.value + 1}", ast.Constant(node.value + 1)


def _of_if(node: ast.If) -> Iterator[tuple[str, ast.AST]]:
    yield "if→if not", ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def _of_if_exp(node: ast.IfExp) -> Iterator[tuple[str, ast.AST]]:
    yield "always the first", node.body
    yield "always the second", node.orelse


def _of_return(node: ast.Return) -> Iterator[tuple[str, ast.AST]]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "return None", ast.Return(ast.Constant(None))


def _of_name(node: ast.Name) -> Iterator[tuple[str, ast.AST]]:
    if node.id in _NAMED and isinstance(node.ctx, ast.Load):
        yield f"{node.id}→{_NAMED[node.id]}", ast.Name(_NAMED[node.id], node.ctx)


def _of_attribute(node: ast.Attribute) -> Iterator[tuple[str, ast.AST]]:
    if node.attr in _NAMED and node.attr.isupper():
        yield f"{node.attr}→{_NAMED[node.attr]}", ast.Attribute(node.value, _NAMED[node.attr], node.ctx)


def _of_comprehension(node: ast.comprehension) -> Iterator[tuple[str, ast.AST]]:
    if node.ifs:
        yield "without the filter", ast.comprehension(node.target, node.iter, [], node.is_async)


def _of_assign(node: ast.AugAssign) -> Iterator[tuple[str, ast.AST]]:
    yield "= instead of +=", ast.Assign([node.target], node.value)


def _of_flow(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    other = ast.Break if isinstance(node, ast.Continue) else ast.Continue
    yield f"{type(node).__name__.lower()}→{other.__name__.lower()}", other()


_MAKERS = {
    ast.Compare: _of_compare, ast.BinOp: _of_bin_op, ast.BoolOp: _of_bool_op, ast.UnaryOp: _of_unary_op,
    ast.Constant: _of_constant, ast.If: _of_if, ast.IfExp: _of_if_exp, ast.Return: _of_return, ast.Name: _of_name,
    ast.Attribute: _of_attribute, ast.comprehension: _of_comprehension, ast.AugAssign: _of_assign,
    ast.Continue: _of_flow, ast.Break: _of_flow,
}  # fmt: skip
