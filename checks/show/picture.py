"""``--explain``: yours, right and their ratio side by side, in the characters of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from checks.model import Array
from checks.show import compare
from checks.show.compare import Comparison

WIDTH = 80
FEW = 12  # entries that are all given in numbers
WORST = 5  # of more
ROWS, COLUMNS = 16, 20  # that a map has
SIGNED = 11  # columns up to which there is room for a sign
BLOCKS, PLAIN = " ░▒▓█", " .+%@"
RED = "\x1b[31m{}\x1b[0m"


def picture(one: Comparison, *, blocks: bool = True, colour: bool = False) -> list[str]:
    """Draw a comparison, with its numbers below.

    Args:
        blocks: whether the output can hold shaded blocks; else there are letters.
        colour: whether what is wrong is red as well as marked.
    """
    if one.wrong is None:
        return _maps([("yours", _board(one.yours)), ("right", _board(one.right))], blocks)
    lines: list[str] = []
    if one.right.size > FEW or (one.right.ndim > 1 and min(one.right.shape) > 1):
        lines = _picture(one, blocks, colour)
    return [*lines, *([""] if lines else []), *_table(one, colour)]


def _picture(one: Comparison, blocks: bool, colour: bool) -> list[str]:
    board = _board(one.right)
    yours, marks = one.yours.reshape(board.shape), compare.marks(one).reshape(board.shape)
    step = _steps(board.shape)
    small, size = _reduced(board, step), _size(_reduced(board, step))
    three = [_shades(each, size, blocks) for each in (_reduced(yours, step), small)]
    space = " " if len(three[0][0]) <= SIGNED else ""
    letters = [[space + mark for mark in row] for row in _reduced_marks(marks, step)]
    lines = _side_by_side([*three, letters], ("yours", "right", "ratio"), step[0], colour)
    told = [f"{mark} {text}" for mark, text in compare.legend(one)]
    lines += ["", *_wrapped("  ratio:  " + "; ".join(told) + ".")]
    lines.append("  The fuller a mark, the larger the number; - is below 0.")
    if one.right.ndim > 2:
        lines.append(f"  Each row is one of the {len(one.right)} examples, flattened.")
    if max(step) > 1:
        many = f"{step[0]} x {step[1]} entries"
        lines.append(f"  Each mark stands for {many}, shaded by their root mean square.")
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * 10)


def _maps(named: Sequence[tuple[str, Array]], blocks: bool) -> list[str]:
    """Arrays of different shapes, one beside the other."""
    cells, names, steps = [], [], []
    for name, board in named:
        step = _steps(board.shape)
        small = _reduced(board, step)
        cells.append(_shades(small, _size(small), blocks))
        names.append(name)
        steps.append(step[0])
    return _side_by_side(cells, names, max(steps), False)


def _board(a: Array) -> Array:
    """An array as rows and columns; one row where it has a single axis."""
    return a.reshape(len(a), -1) if a.ndim > 1 and a.size else a.reshape(1, -1)


def _steps(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many rows and columns one mark stands for."""
    return max(1, -(-shape[0] // ROWS)), max(1, -(-shape[1] // COLUMNS))


def _blocks_of(a: Array, step: tuple[int, int]) -> list[list[Array]]:
    return [
        [a[i : i + step[0], j : j + step[1]] for j in range(0, a.shape[1], step[1])]
        for i in range(0, a.shape[0], step[0])
    ]


def _reduced(a: Array, step: tuple[int, int]) -> list[list[float]]:
    """The entries; of blocks of them the root mean square, not finite where one is not."""
    if step == (1, 1):
        return [[float(value) for value in row] for row in a]
    with np.errstate(all="ignore"):
        return [[float(np.sqrt((b * b).mean())) for b in row] for row in _blocks_of(a, step)]


def _reduced_marks(marks: Array, step: tuple[int, int]) -> list[list[str]]:
    """The mark of a block: its own where all agree on it, else x for "something is wrong"."""

    def one(block: Array) -> str:
        found = sorted(set(block.flat) - {"."})
        return "." if not found else found[0] if len(found) == 1 else "x"

    return [[one(block) for block in row] for row in _blocks_of(marks, step)]


def _size(right: list[list[float]]) -> float:
    """What counts as full: the largest entry of the right one."""
    finite = [abs(value) for row in right for value in row if np.isfinite(value)]
    return max(finite, default=0.0) or 1.0


def _shades(rows: list[list[float]], size: float, blocks: bool) -> list[list[str]]:
    """A sign and a shade for each entry: fuller is larger, and ! is not finite."""
    ramp = BLOCKS if blocks else PLAIN
    signed = max(map(len, rows)) <= SIGNED

    def cell(value: float) -> str:
        sign = ("-" if value < 0 else " ") if signed else ""
        if not np.isfinite(value):
            return f"{sign}!"
        share = min(abs(value) / size, 1.0) ** 0.5  # so that small ones differ as well
        return sign + ramp[int(np.ceil(share * (len(ramp) - 1)))]

    return [[cell(value) for value in row] for row in rows]


def _side_by_side(
    cells: Sequence[list[list[str]]], names: Sequence[str], step: int, colour: bool
) -> list[str]:
    """Boards of cells in a frame each, with the number of the row at the left."""
    height = max(map(len, cells))
    label = len(str(max(height - 1, 0) * step))
    widths = [len("".join(board[0])) for board in cells]
    wide = [max(width + 2, len(name)) for width, name in zip(widths, names, strict=True)]
    head = "".join(f"  {n:<{w}}" for n, w in zip(names, wide, strict=True))
    lines = [f"  {'':{label}}{head}".rstrip()]
    for i in range(height):
        line = f"  {i * step:>{label}}"
        for board, name, width in zip(cells, names, wide, strict=True):
            row = board[i] if i < len(board) else None
            text = "" if row is None else f"|{''.join(row)}|"
            space = " " * (width - len(text))
            if colour and name == "ratio" and row is not None:
                text = f"|{''.join(c if c.endswith('.') else RED.format(c) for c in row)}|"
            line += f"  {text}{space}"
        lines.append(line.rstrip())
    return lines


def _table(one: Comparison, colour: bool) -> list[str]:
    """Entries in numbers: all of a small array, the worst of another; * marks a wrong one."""
    most = FEW if one.right.size <= FEW else WORST
    rows = compare.table(one, most)
    head = ("", "yours", "right", "ratio")
    wide = [max(len(row[i]) for row in (*rows, head)) for i in range(4)]  # type: ignore[arg-type]
    lines = [f"    {'':<{wide[0]}}" + "".join(f"  {head[i]:>{wide[i]}}" for i in (1, 2, 3))]
    for name, mine, right, ratio, wrong in rows:
        numbers = f"{mine:>{wide[1]}}  {right:>{wide[2]}}  {ratio:>{wide[3]}}"
        line = f"  {'*' if wrong else ' '} {name:<{wide[0]}}  {numbers}"
        lines.append(RED.format(line) if wrong and colour else line)
    assert one.wrong is not None
    more = int(one.wrong.sum()) - sum(row[4] for row in rows)
    if more > 0:
        lines.append(f"    and {more} more that {'is' if more == 1 else 'are'} wrong")
    if any(right == "0" and ratio[0] in "+-" and len(ratio) > 1 for _, _, right, ratio, _ in rows):
        lines.append("    Where right is 0, the difference stands for the ratio, with its sign.")
    return lines
