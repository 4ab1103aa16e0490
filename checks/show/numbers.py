"""Numbers, indices, shapes and factors, as a learner reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def pair(one: float, two: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12, 17):
        texts = number(one, digits), number(two, digits)
        if texts[0] != texts[1] or one == two:
            break
    return texts


def number(value: float, digits: int = 6) -> str:
    """Write a number: plainly where it has an ordinary size, else with an exponent."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return str(float(value))
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e6:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}g}"


def entry(name: str, index: object) -> str:
    """Write one entry of an array, such as ``dx[0, 1]``; a single number has no index."""
    if not isinstance(index, tuple) or not index:
        return name
    return f"{name}[{', '.join(str(i) for i in index)}]"


def shape(of: object) -> str:
    """Write a shape as Python does."""
    if of == ():
        return "() (one number)"
    return str(of)


def listed(names: Sequence[str]) -> str:
    """Write "dx", "dx and dw" or "dx, dw and db"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def factor(ratio: float, sizes: Mapping[str, int]) -> tuple[str, str]:
    """Say in words what a factor is.

    Returns:
        ``(text, letters)``: such as ``("exactly 1/4 of", "N = 4")``; the letters are
        empty where no size explains the factor, and both where nothing does.
    """
    for value, text in (
        (-1, "exactly -1 times"),
        (2, "exactly twice"),
        (0.5, "exactly half of"),
        (1 / math.log(2), "exactly 1 / ln 2 times"),
    ):
        if _close(ratio, value):
            return text, ""
    for letter, size in sizes.items():
        known = f"{letter} = {size}"
        for sign, mark in ((1, ""), (-1, "-")):
            if _close(ratio, sign * size):
                return f"exactly {mark}{size} times", known
            if _close(ratio, sign / size):
                return f"exactly {mark}1/{size} of", known
            if _close(ratio, sign * size**2):
                return f"exactly {mark}{size * size} times", f"{known}, {letter}*{letter}"
            if _close(ratio, sign / size**2):
                return f"exactly {mark}1/{size * size} of", f"{known}, {letter}*{letter}"
        for other, two in sizes.items():
            if other != letter and _close(ratio, size / two):
                return f"exactly {size}/{two} of", f"{known}, {other} = {two}"
    return "", ""


def _close(ratio: float, value: float) -> bool:
    return abs(ratio - value) <= 1e-4 * abs(value)
