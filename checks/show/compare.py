"""The two arrays that a check compared, entry by entry, before they are laid out."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from checks.model import FAIL, NOT_REACHED, NOT_STARTED, PASS, Array, Outcome, Report
from checks.show.numbers import entry, factor, listed, number

LETTERS = "abcde"  # ratios that a map can tell apart
FEW = 4  # rows or columns that a sentence lists

Index = tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """One array, yours and the right one, as its check saw them.

    Args:
        outcome: the check that compared them.
        name: what the array is called, such as "db" or "grads['W1']".
        yours, right: of one shape, but where ``wrong`` is None.
        wrong: which entries are off by more than rounding; None where the shapes differ.
        start: what was taken off both, "" or such as "w": of a step only the step tells.
    """

    outcome: Outcome
    name: str
    yours: Array
    right: Array
    wrong: Array | None
    start: str = ""

    @property
    def exercise(self) -> str:
        """The function that gave it."""
        return self.outcome.exercise

    @property
    def asked(self) -> str:
        """What to type for it: its name as a shell leaves it, without quotes."""
        return shlex.quote(_names(self)[2])

    @property
    def title(self) -> str:
        """Which check, and what is shown of it."""
        array = "" if self.name == self.outcome.check else f", {self.name}"
        place = f"{self.outcome.exercise} / {self.outcome.check}{array}"
        return f"{place}: yours, right{'' if self.wrong is None else ' and their ratio'}"

    def worst(self) -> list[Index]:
        """The wrong entries, those that are furthest off first."""
        assert self.wrong is not None
        with np.errstate(all="ignore"):
            gap = np.where(np.isfinite(self.yours), np.abs(self.yours - self.right), np.inf)
        order = np.argsort(-np.where(self.wrong, gap, -1.0), axis=None, kind="stable")
        every = list(np.ndindex(self.wrong.shape))
        return [every[i] for i in order[: int(self.wrong.sum())]]

    def ratio(self, index: Index) -> str:
        """How many times the right entry yours is; what it is off by, where right is 0."""
        mine, right = float(self.yours[index]), float(self.right[index])
        if self.wrong is not None and not self.wrong[index]:
            return "1"
        if not np.isfinite(mine):
            return "-"
        return times(mine / right) if right else f"{mine:+.4g}"


def compared(outcome: Outcome) -> Comparison | None:
    """The arrays of a failed check; None where no two arrays were compared."""
    seen = outcome.evidence
    if outcome.state != FAIL or seen is None or seen.yours is None or seen.right is None:
        return None
    name = str(seen.detail.get("name") or outcome.check)
    yours, right, start = np.asarray(seen.yours), np.asarray(seen.right, dtype=float), ""
    if yours.dtype.kind not in "fiub":
        return None
    yours = yours.astype(float)
    if yours.shape != right.shape:
        return Comparison(outcome, name, yours, right, None)
    begin = seen.inputs.get("w") if seen.detail.get("step") else None
    if isinstance(begin, np.ndarray) and begin.shape == right.shape:
        yours, right, start = yours - begin, right - begin, "w"
    with np.errstate(all="ignore"):
        close = np.abs(yours - right) <= seen.bound / max(right.size, 1)
    return Comparison(outcome, name, yours, right, ~close, start)


def explained(report: Report, asked: str) -> list[Comparison]:
    """What there is to show of an array, by its own name or by that of its check."""
    found: dict[str, Comparison] = {}
    for one in _all(report):
        if asked in _names(one):
            found.setdefault(one.outcome.exercise, one)
    return list(found.values())


def nothing_to_explain(report: Report, asked: str) -> tuple[str, bool]:
    """Why there is no picture of an array, of which there is one, and whether it is known."""
    concerned = [one for one in report.outcomes if asked in _known_as(one)]
    states = {one.state for one in concerned}
    where = listed([f"{one.exercise} / {one.check}" for one in concerned][:FEW])
    if not concerned:
        why = "there is no array of that name"
    elif states == {PASS}:
        why = f"{where} {'passes' if len(concerned) == 1 else 'pass'}, and nothing differs"
    elif states <= {NOT_STARTED, NOT_REACHED}:
        why = f"{where} did not come up: what is above comes first"
    else:
        why = f"in {where} no two arrays could be compared"
    names = dict.fromkeys(one.asked for one in _all(report))
    there = f"What differs: {', '.join(names)}." if names else "No array differs here."
    return f"{asked}: {why}. {there}", bool(concerned)


def _known_as(one: Outcome) -> tuple[str, ...]:
    """The names under which a check, passed or not, may be asked for."""
    name = str(one.evidence.detail.get("name", "")) if one.evidence is not None else ""
    return one.check, name, name.replace("'", "")


def _all(report: Report) -> Iterator[Comparison]:
    return (one for one in map(compared, report.outcomes) if one is not None)


def _names(one: Comparison) -> tuple[str, str, str]:
    """The array's name, its check's, and the name without quotes, as a shell leaves it."""
    return one.name, one.outcome.check, one.name.replace("'", "")


def times(ratio: float) -> str:
    """Write a ratio with four digits, or as many as it takes to tell it from 1."""
    for digits in (4, 7, 10, 17):
        text = f"{ratio:.{digits}g}"
        if text != "1":
            break
    return text


# In words


def sentence(one: Comparison) -> str:
    """Say where the two differ, as the picture shows it."""
    if one.wrong is None:
        return (
            f"Yours has shape {one.yours.shape}, right is {one.right.shape}: "
            "there is nothing to divide entry by entry."
        )
    count, size = int(one.wrong.sum()), one.wrong.size
    less = f", less {one.start}, is" if one.start else " is"
    if size == 1:
        (index,) = one.worst() or [(0,) * one.right.ndim]
        return f"{one.name}{less} {number(one.yours[index])}; right is {number(one.right[index])}."
    off = f" (shown is the step: {one.name} less {one.start})" if one.start else ""
    lost = int((~np.isfinite(one.yours)).sum())
    beside = f"; {lost} {'is' if lost == 1 else 'are'} not finite" if lost else ""
    if not count:
        return f"No one of the {size} entries is far off, and the whole is{off}."
    known = shared(one)
    if count == size:
        each = f": each is {_times(one)}" if _is_all(known, size) else ""
        return f"All {size} entries are wrong{each}{beside}{off}."
    are = "is" if count == 1 else "are"
    return f"{count} of {size} entries {are} wrong{_where(one.wrong)}{beside}{off}."


def _times(one: Comparison) -> str:
    """What each entry is of the right one, by the sizes that explain it where they do."""
    index = one.worst()[0]
    ratio = float(one.yours[index] / one.right[index])
    seen = one.outcome.evidence
    sizes = seen.detail.get("sizes") if seen is not None else None
    text, letters = factor(ratio, sizes if isinstance(sizes, Mapping) else {})
    return f"{text or f'{times(ratio)} times'} the right one{f' ({letters})' if letters else ''}"


def _is_all(known: Sequence[tuple[str, int]], size: int) -> bool:
    return len(known) == 1 and known[0][1] == size


def _where(wrong: Array) -> str:
    """The rows or columns that hold all that is wrong, where they are few."""
    if wrong.ndim < 2:
        return ""
    flat = wrong.reshape(len(wrong), -1)
    kinds = ["row", "column"] if wrong.ndim == 2 else ["example"]
    for kind, lines in zip(kinds, (flat, flat.T), strict=False):
        hit = [i for i, line in enumerate(lines) if line.any()]
        if len(hit) <= min(FEW, len(lines) // 2):
            whole = "all of" if all(lines[i].all() for i in hit) else "all in"
            many = "" if len(hit) == 1 else "s"
            return f": {whole} {kind}{many} {listed([str(i) for i in hit])}"
    return ""


def shared(one: Comparison) -> list[tuple[str, int]]:
    """The ratios that two or more wrong entries have, the most frequent first."""
    assert one.wrong is not None
    counts = Counter(
        times(one.yours[i] / one.right[i])
        for i in one.worst()
        if one.right[i] and np.isfinite(one.yours[i]) and one.yours[i]
    )
    return [(text, many) for text, many in counts.most_common(len(LETTERS)) if many > 1]


def marks(one: Comparison) -> Array:
    """One letter for each entry, of the array's own shape; ``legend`` says what they mean."""
    assert one.wrong is not None
    letters = {text: letter for (text, _), letter in zip(shared(one), LETTERS, strict=False)}
    board = np.full(one.wrong.shape, ".", dtype="<U1")
    for index in one.worst():
        mine, right = float(one.yours[index]), float(one.right[index])
        if not np.isfinite(mine):
            board[index] = "!"
        elif not right:
            board[index] = "+"
        elif not mine:
            board[index] = "0"
        else:
            board[index] = letters.get(times(mine / right), "x")
    return board


def legend(one: Comparison) -> list[tuple[str, str]]:
    """What each letter of ``marks`` stands for, of those that occur."""
    meaning = {
        ".": "right",
        "0": "yours is 0",
        **{
            letter: f"{text} times" for (text, _), letter in zip(shared(one), LETTERS, strict=False)
        },
        "x": "another ratio",
        "+": "right is 0, yours is not",
        "!": "not finite",
    }
    there = set(marks(one).flat)
    return [(mark, text) for mark, text in meaning.items() if mark in there]


def _odd(one: Comparison, index: Index) -> str:
    return str(float(one.yours[index]))


def table(one: Comparison, most: int) -> list[tuple[str, str, str, str, bool]]:
    """Entries in numbers: name, yours, right, ratio, wrong. All of them, or else the worst."""
    assert one.wrong is not None
    every = list(np.ndindex(one.right.shape))
    shown = every if len(every) <= most else one.worst()[:most]
    return [
        (
            entry(one.name, index),
            number(float(one.yours[index])) if np.isfinite(one.yours[index]) else _odd(one, index),
            number(float(one.right[index])),
            one.ratio(index),
            bool(one.wrong[index]),
        )
        for index in shown
    ]
