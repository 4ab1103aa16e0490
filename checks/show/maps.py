"""An error map in HTML: a table of ratios, whose text says what its tint says."""

from __future__ import annotations

from html import escape

import numpy as np

from checks.show.compare import Comparison, sentence, table
from checks.show.numbers import number

MOST = 12  # rows or columns of a table; of more, those that are furthest off
CELL = "padding:.1em .5em;border:0;text-align:right;font-variant-numeric:tabular-nums"
HEAD = f"{CELL};font-weight:normal;opacity:.75"
BOX = "overflow-x:auto;margin:.5em 0;max-width:100%"
TABLE = "border-collapse:collapse;border:0;margin:0;font-size:.9em;line-height:1.35;color:inherit"
BELOW = "margin:.2em 0 .5em;font-size:.9em;opacity:.8"
TINT = "rgba(214,79,39,{:.2f})"  # over a light page and over a dark one


def error_map(one: Comparison) -> str:
    """Lay out the ratios of a comparison; "" where there are no two entries to compare."""
    if one.wrong is None or one.right.size < 2:
        return ""
    flat = one.right.reshape(len(one.right), -1) if one.right.ndim > 1 else one.right[None]
    rows, columns = _kept(one, flat.shape)
    text = f"{one.name}: {sentence(one)}"
    body = _three_rows(one, columns) if one.right.ndim == 1 else _ratios(one, rows, columns)
    left = _left_out(flat.shape, len(rows), len(columns))
    below = (
        f"{'Yours, right and the ratio' if one.right.ndim == 1 else 'Yours divided by right'}"
        f" in {escape(one.name)}; 1 where yours is right"
        f"{'; with a sign: the difference, where right is 0' if _differs_from_0(one) else ''}."
        f"{left}"
    )
    return (
        f'<div role="group" tabindex="0" aria-label="{escape(text)}" style="{BOX}">'
        f'<table style="{TABLE}">{body}</table></div><p style="{BELOW}">{below}</p>'
    )


def _kept(one: Comparison, shape: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """The rows and columns to show, in their order: those with the largest errors."""
    assert one.wrong is not None
    with np.errstate(all="ignore"):
        gap = np.where(one.wrong, np.abs(one.yours - one.right), 0.0).reshape(shape)
    gap = np.where(np.isfinite(gap), gap, np.finfo(float).max)
    lines = []
    for axis in (1, 0):
        order = np.argsort(-gap.max(axis=axis), kind="stable")[:MOST]
        lines.append(sorted(int(i) for i in order))
    return lines[0], lines[1]


def _left_out(shape: tuple[int, ...], rows: int, columns: int) -> str:
    kinds = zip(("row", "column"), shape, (rows, columns), strict=True)
    left = [f"{size - kept} {kind}s" for kind, size, kept in kinds if size > kept]
    return f" Left out are {' and '.join(left)}, with smaller errors." if left else ""


def _differs_from_0(one: Comparison) -> bool:
    assert one.wrong is not None
    return bool((one.wrong & (one.right == 0) & np.isfinite(one.yours)).any())


def numbers_table(one: Comparison, most: int) -> str:
    """Lay out entries in numbers: all of a small array, of another those that are worst."""
    heads = "".join(f'<th scope="col" style="{HEAD}">{h}</th>' for h in ("yours", "right", "ratio"))
    lines = [f'<tr style="background:none"><td style="{HEAD}"></td>{heads}</tr>']
    for name, *numbers, wrong in table(one, most):
        weight = ";font-weight:bold" if wrong else ""
        cells = "".join(f'<td style="{CELL}{weight}">{each}</td>' for each in numbers)
        lines.append(_row(escape(name), cells))
    return (
        f'<div style="{BOX}"><table style="{TABLE}"><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _head(labels: list[int], first: str) -> str:
    cells = "".join(f'<th scope="col" style="{HEAD}">{label}</th>' for label in labels)
    corner = f'<td style="{HEAD}">{first}</td>'
    return f'<thead style="border:0"><tr style="background:none">{corner}{cells}</tr></thead>'


def _row(label: object, cells: str) -> str:
    head = f'<th scope="row" style="{HEAD}">{label}</th>'
    return f'<tr style="background:none">{head}{cells}</tr>'


def _ratios(one: Comparison, rows: list[int], columns: list[int]) -> str:
    """One cell for each entry; what has more than two axes is flattened behind the first."""
    index = np.arange(one.right.size).reshape(len(one.right), -1)
    lines = []
    for i in rows:
        cells = "".join(_ratio(one, int(index[i, j])) for j in columns)
        lines.append(_row(i, cells))
    return f"{_head(columns, '')}<tbody>{''.join(lines)}</tbody>"


def _three_rows(one: Comparison, columns: list[int]) -> str:
    def numbers(array: object) -> str:
        values = np.asarray(array)[columns]
        return "".join(f'<td style="{CELL}">{_number(float(value))}</td>' for value in values)

    ratios = "".join(_ratio(one, j) for j in columns)
    lines = [_row("yours", numbers(one.yours)), _row("right", numbers(one.right))]
    return f"{_head(columns, '')}<tbody>{''.join(lines)}{_row('ratio', ratios)}</tbody>"


def _ratio(one: Comparison, flat: int) -> str:
    """A cell: 1 where yours is right; else bold, and the darker the further off."""
    assert one.wrong is not None
    index = tuple(int(i) for i in np.unravel_index(flat, one.right.shape))
    if not one.wrong[index]:
        return f'<td style="{CELL};opacity:.6">1</td>'
    with np.errstate(all="ignore"):
        gap = np.abs(one.yours - one.right)
    largest = float(np.max(gap[np.isfinite(gap)], initial=0.0))
    mine = float(gap[index])
    share = mine / largest if np.isfinite(mine) and largest else 1.0
    tint = TINT.format(0.15 + 0.35 * share)
    text = one.ratio(index) if np.isfinite(one.yours[index]) else _number(float(one.yours[index]))
    return f'<td style="{CELL};background:{tint}"><b>{text}</b></td>'


def _number(value: float) -> str:
    return number(value) if np.isfinite(value) else str(value)
