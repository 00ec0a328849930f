"""Conditions: ``${evaluate.outputs.score} > 0.9 and not ${pipeline.dry}``. True or false.

Comparisons, and, or, not, in, arithmetic and len, nothing else: what the grammar does not name
is refused when the condition is read. A condition comes as the parts into which
``references.parse`` has split it; what is not text there is an operand, looked up on demand.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.errors import BadExpression, shortened

LENGTH = 2_000
NODES = 200
DEPTH = 20
BITS = 4_096
TEXT_LENGTH = 1024 * 1024
# Stands for time, of which the domain has none: a comparison costs what its operands are large.
WORK = 2_000_000

_OPERAND = "__operand_"
_WORDS = {"true": True, "false": False, "null": None}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SIGNS = (
    *_ARITHMETIC,
    *_ORDER,
    *(ast.Eq, ast.NotEq, ast.In, ast.NotIn),
    *(ast.And, ast.Or, ast.Not, ast.UAdd, ast.USub, ast.Load),
)
_HINTS: dict[type[ast.AST], str] = {
    ast.Pow: "** is not part of conditions",
    ast.Attribute: "a dot may stand only inside ${…}",
    ast.Subscript: "square brackets after a value are not part of conditions",
    ast.Call: "only len(…) can be called, with one value",
    ast.IfExp: "if … else is not part of conditions",
    ast.Is: 'write "==" instead of "is"',
    ast.IsNot: 'write "!=" instead of "is not"',
    ast.JoinedStr: "a letter before a quotation mark is not part of conditions",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that has been read and found to keep to the grammar."""

    text: str
    operands: tuple[Any, ...]
    body: ast.expr = field(compare=False, repr=False)


class _Fault(Exception):
    """What is wrong in the middle of a computation; the condition's text is added outside."""


@dataclass(slots=True)
class _Evaluation:
    operands: tuple[Any, ...]
    lookup: Callable[[Any], Any]
    work: int = 0

    def spend(self, *values: Any) -> None:
        self.work += 1 + sum(map(_size, values))
        if self.work > WORK:
            raise _Fault("it takes too long")


def read(parts: Sequence[Any]) -> Condition:
    """Read a condition; raise BadExpression naming what does not belong in one.

    Every reference stands as a name of ours in the text that Python parses. One inside quotation
    marks would be a mere word there, so each must be met again as a name, once.
    """
    shown = "".join(map(str, parts))
    if len(shown) > LENGTH:
        raise BadExpression(shown, f"{len(shown):,} characters are more than the cap of {LENGTH:,}")
    operands = tuple(part for part in parts if not isinstance(part, str))
    own_words = "".join(part for part in parts if isinstance(part, str))
    if not own_words.strip() and not operands:
        raise BadExpression(shown, "it is empty")
    for sign in ("\\", "\0", "\n", "\r", _OPERAND):
        if sign in own_words:
            raise BadExpression(shown, f"{sign!r} is not part of conditions")
    numbers = iter(range(len(operands)))
    text = "".join(
        part if isinstance(part, str) else f" {_OPERAND}{next(numbers)} " for part in parts
    )
    body = _parsed(shown, text)
    _check_grammar(shown, body, len(operands))
    return Condition(shown, operands, body)


def holds(condition: Condition, lookup: Callable[[Any], Any]) -> bool:
    """Compute a condition; ``lookup`` gives an operand's value, or raises an error of its own."""
    value = evaluate(condition, lookup)
    if not isinstance(value, bool):
        reason = f"it must give true or false, not {_named(value)}"
        raise BadExpression(condition.text, reason)
    return value


def evaluate(condition: Condition, lookup: Callable[[Any], Any]) -> Any:
    """Compute whatever the expression gives."""
    evaluation = _Evaluation(condition.operands, lookup)
    try:
        return _value(evaluation, condition.body)
    except _Fault as fault:
        raise BadExpression(condition.text, str(fault)) from None
    except ZeroDivisionError:
        raise BadExpression(condition.text, "division by zero") from None
    except (ArithmeticError, RecursionError, MemoryError) as error:
        raise BadExpression(condition.text, f"too large to compute ({error})") from None


def _parsed(shown: str, text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), "<condition>", mode="eval").body
    except (SyntaxError, ValueError):
        raise BadExpression(shown, "it cannot be read as a condition") from None
    except (RecursionError, MemoryError):
        raise BadExpression(shown, "it is nested too deeply") from None


def _check_grammar(shown: str, body: ast.expr, operands: int) -> None:
    met: list[int] = []
    nodes = 0
    waiting: list[tuple[ast.AST, int]] = [(body, 1)]
    while waiting:
        node, depth = waiting.pop()
        nodes += not isinstance(node, ast.expr_context)
        if nodes > NODES:
            raise BadExpression(shown, f"it has more than {NODES} parts")
        if depth > DEPTH:
            raise BadExpression(shown, f"it is nested more than {DEPTH} deep")
        if fault := _fault(node):
            raise BadExpression(shown, fault)
        if isinstance(node, ast.Name) and node.id.startswith(_OPERAND):
            met.append(int(node.id.removeprefix(_OPERAND)))
        waiting.extend((inner, depth + 1) for inner in _inside(node))
    if sorted(met) != list(range(operands)):
        raise BadExpression(shown, "a reference may not stand inside quotation marks")


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    # The name in a call is not a value of its own.
    return iter(node.args) if isinstance(node, ast.Call) else ast.iter_child_nodes(node)


def _fault(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) if name in _WORDS or name.startswith(_OPERAND):
            return None
        case ast.Name(id=name):
            return f'"{shortened(name, 60)}" is not known here; references are written ${{…}}'
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return _constant_fault(value)
        case ast.Call(func=ast.Name(id="len"), args=[one], keywords=[]):
            return _HINTS[ast.Call] if isinstance(one, ast.Starred) else None
        case ast.BoolOp() | ast.UnaryOp() | ast.BinOp() | ast.Compare() | ast.List() | ast.Tuple():
            return None
        case _ if isinstance(node, _SIGNS):
            return None
    return _HINTS.get(
        type(node), "only comparisons, and, or, not, in, arithmetic and len can stand"
    )


def _constant_fault(value: object) -> str | None:
    if isinstance(value, str) and _OPERAND in value:
        return "a reference may not stand inside quotation marks"
    if isinstance(value, int) and value.bit_length() > BITS:
        return "a number is too long"
    return None


def _value(evaluation: _Evaluation, node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in _WORDS:
            return _WORDS[name]
        case ast.Name(id=name):
            place = int(name.removeprefix(_OPERAND))
            return evaluation.lookup(evaluation.operands[place])
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(evaluation, element) for element in elements]
        case ast.BoolOp(op=sign, values=values):
            return _joined(evaluation, isinstance(sign, ast.Or), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _truth(_value(evaluation, operand), "not")
        case ast.UnaryOp(op=sign, operand=operand):
            number = _number(_value(evaluation, operand), "a sign")
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=sign, right=right):
            pair = _value(evaluation, left), _value(evaluation, right)
            return _computed(evaluation, type(sign), *pair)
        case ast.Compare():
            return _compared(evaluation, node)
        case ast.Call(args=[argument]):
            return _length(_value(evaluation, argument))
    raise _Fault(f"{type(node).__name__} is not part of conditions")


def _joined(evaluation: _Evaluation, is_or: bool, values: list[ast.expr]) -> bool:
    # As in Python, what stands to the right is looked up only if it can still matter.
    word = "or" if is_or else "and"
    for value in values:
        if _truth(_value(evaluation, value), word) is is_or:
            return is_or
    return not is_or


def _computed(evaluation: _Evaluation, sign: type[ast.operator], left: Any, right: Any) -> Any:
    texts = isinstance(left, str) and isinstance(right, str)
    if texts and sign is ast.Add:
        if len(left) + len(right) > TEXT_LENGTH:
            raise _Fault(f"a text is longer than {TEXT_LENGTH:,} characters")
        evaluation.spend(left, right)
        return left + right
    result = _ARITHMETIC[sign](_number(left, "arithmetic"), _number(right, "arithmetic"))
    if isinstance(result, float) and not math.isfinite(result):
        raise _Fault("a number is too large")
    return _number(result, "arithmetic")


def _compared(evaluation: _Evaluation, node: ast.Compare) -> bool:
    left = _value(evaluation, node.left)
    for sign, comparator in zip(node.ops, node.comparators, strict=True):
        right = _value(evaluation, comparator)
        evaluation.spend(left, right)
        if not _holds(type(sign), left, right):
            return False
        left = right
    return True


def _holds(sign: type[ast.cmpop], left: Any, right: Any) -> bool:
    if sign in (ast.Eq, ast.NotEq):
        return _same(left, right) is (sign is ast.Eq)
    if sign in (ast.In, ast.NotIn):
        return _contains(right, left) is (sign is ast.In)
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = _number(left, "an order"), _number(right, "an order")
    return _ORDER[sign](left, right)


def _same(left: Any, right: Any) -> bool:
    # In Python True == 1; in JSON they are two values.
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, str):
        if not isinstance(what, str):
            raise _Fault(f"only a text can be in a text, not {_named(what)}")
        return what in where
    if isinstance(where, dict):
        return isinstance(what, str) and what in where
    if isinstance(where, list | tuple):
        return any(_same(what, one) for one in where)
    raise _Fault(f"nothing can be in {_named(where)}")


def _length(value: Any) -> int:
    if not isinstance(value, str | list | tuple | dict):
        raise _Fault(f"{_named(value)} has no length")
    return len(value)


def _truth(value: Any, word: str) -> bool:
    if not isinstance(value, bool):
        raise _Fault(f'"{word}" needs true or false, not {_named(value)}')
    return value


def _number(value: Any, word: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Fault(f"{word} needs numbers, not {_named(value)}")
    if isinstance(value, int) and value.bit_length() > BITS:
        raise _Fault("a number is too long")
    return value


def _named(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'the text "{shortened(value, 40)}"'
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
    return "something else"


def _size(value: Any) -> int:
    """Count what a comparison may have to look at, up to the cap."""
    size = 0
    waiting = [value]
    while waiting and size <= WORK:
        one = waiting.pop()
        size += len(one) if isinstance(one, str) else 1
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return size
