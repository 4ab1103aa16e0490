"""Read what can be read of a text that is not Python throughout: cut out what is not.

A text is cut at the lines that begin at the margin, so that a mistake of syntax costs the
function or statement that it is in, and no other. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType

MOST = 30  # cuts of one text
LONGEST = 200_000  # characters of a text that is worth it

GOES_ON = re.compile(r"[\s#)\]}]|(?:else|elif|except|finally)\b")
BINDS = re.compile(r"(?:(?:async\s+)?def|class)\s+(\w+)|(\w+)\s*=(?!=)")
BEGUN = re.compile(r"\bon line (\d+)")


Parsed = tuple[ast.Module, CodeType]


@dataclass(frozen=True)
class Cut:
    """Lines that were left out, counted from 1, with what is wrong and which names they define."""

    first: int
    last: int
    error: SyntaxError
    names: tuple[str, ...]


def salvage(text: str, filename: str) -> tuple[Parsed | None, tuple[Cut, ...]]:
    """Parse a text, without the blocks that cannot be parsed.

    Args:
        text: with newlines alone between its lines.
        filename: what tracebacks call it.

    Returns:
        The tree and the code of the rest, and what was cut out of the text; no tree where
        too much would have to be.
    """
    lines = text.split("\n")
    cuts: list[Cut] = []
    while True:
        try:
            parsed = parse("\n".join(lines), filename)
        except (ValueError, RecursionError, MemoryError):
            return None, ()
        if not isinstance(parsed, SyntaxError):
            return parsed, tuple(cuts)
        if len(cuts) == MOST or len(text) > LONGEST or not parsed.lineno:
            return None, ()
        cut = _cut(lines, parsed)
        cuts.append(cut)
        lines = _without(lines, cut.first, cut.last)


def parse(text: str, filename: str) -> Parsed | SyntaxError:
    """The tree and the code of a text, or what is wrong with it; not a word about its style."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
            # compiling sees a return outside a function
            return tree, compile(text, filename, "exec", dont_inherit=True)
        except SyntaxError as error:
            return error


def _cut(lines: Sequence[str], error: SyntaxError) -> Cut:
    """Choose the block to leave out: the one after which all is well up to the error.

    Python may notice a mistake in the block below it, as where a body is missing.
    """
    starts = list(_starts(lines))
    line = min(error.lineno or 1, len(lines))
    at = max(bisect_right(starts, line) - 1, 0)
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    begun = BEGUN.search(str(error.msg))
    above = max(bisect_right(starts, int(begun[1])) - 1, 0) if begun else at
    before = max(at - 1, 0)
    first, last = starts[at], ends[at]
    for one, other in ((above, above), (at, at), (before, before), (min(above, before), at)):
        rest = _without(lines, starts[one], ends[other])[: ends[at]]
        if not isinstance(parse("\n".join(rest), ""), SyntaxError):
            first, last = starts[one], ends[other]
            break
    found = [BINDS.match(text) for text in lines[first - 1 : last]]
    names = tuple(dict.fromkeys(one[1] or one[2] for one in found if one))
    return Cut(first, last, error, names)


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """The lines at which something begins, decorators included, and the first.""" ""
    decorated = False
    yield 1
    for number, line in enumerate(lines, 1):
        if line and not GOES_ON.match(line):
            if number > 1 and not decorated:
                yield number
            decorated = line.startswith("@")


def _without(lines: Sequence[str], first: int, last: int) -> list[str]:
    return [*lines[: first - 1], *[""] * (last - first + 1), *lines[last:]]
