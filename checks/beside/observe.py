"""Call a function and see what it does: to its arguments, to memory, to the screen.

None of this can be seen across a pipe, so it lives with the code. What it reports may
lower a score and never raise it, because the code could lie to it.
"""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from .state import kept
from .trouble import Place, Trouble, explain, said

Array = np.ndarray[Any, np.dtype[Any]]

TAIL = 2000  # characters of what was printed
PARTS = 500  # that are kept before they are looked at
FACTS = 20  # arguments, pairs or warnings that are told
LEAVES = 20_000  # parts of an argument that are looked at
DEPTH = 12
LABEL = 100  # characters of the name of a part


@dataclass
class Seen:
    """What one call gave and did; the fields of model.Answer, before it is made plain."""

    value: object = None
    trouble: Trouble | None = None
    changed: tuple[str, ...] = ()
    shares: tuple[tuple[str, str], ...] = ()
    printed: str = ""
    warned: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


class Tail(io.TextIOBase):
    """A text file that remembers only how it ended."""

    def __init__(self) -> None:
        self.kept = ""
        self.parts: list[str] = []
        self.total = 0

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep the end."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if type(text) is not str:
            text = str.__str__(text)  # nothing of theirs is run when this is read
        parts = self.parts
        parts.append(text)
        if len(parts) > PARTS or len(text) > TAIL:
            self._settle()
        return len(text)

    def tail(self) -> str:
        """What was printed last, with a mark where more came before."""
        kept = self._settle()
        return ("..." if self.total > TAIL else "") + kept

    def _settle(self) -> str:
        """Forget all but the end; to do that at each write would cost more than the write."""
        parts, self.parts = self.parts, []
        self.total += sum(map(len, parts))
        self.kept = "".join([self.kept, *(part[-TAIL:] for part in parts)])[-TAIL:]
        return self.kept


@contextlib.contextmanager
def quiet() -> Iterator[Tail]:
    """Catch what is printed, and leave the screen alone."""
    tail = Tail()
    with contextlib.redirect_stdout(tail), contextlib.redirect_stderr(tail):
        yield tail


def watch(
    function: Callable[..., object],
    args: Sequence[object],
    names: Sequence[str],
    keep: Sequence[int],
    place: Place,
) -> Seen:
    """Call a function on these very arguments, and say what came of it.

    Args:
        function: a stranger's.
        args: they may be changed.
        names: what to call them; arg0, arg1 where no name is given.
        keep: positions of a tuple result whose memory is the student's own affair.
        place: which code is theirs.
    """
    labels = [names[i] if i < len(names) else f"arg{i}" for i in range(len(args))]
    before = _leaves(list(zip(labels, args, strict=True)))
    pictures = {label: _picture(leaf) for label, leaf in before.items()}
    seen = run(lambda: function(*args), place)
    after = _leaves(list(zip(labels, args, strict=True)))
    seen.changed = tuple(
        label[:LABEL]
        for label in [*before, *(label for label in after if label not in before)]
        if label not in after
        or label not in before
        or _differ(pictures[label], _picture(after[label]))
    )[:FACTS]
    results = _leaves(_named_results(seen.value, keep))
    seen.shares = tuple(
        (result[:LABEL], arg[:LABEL])
        for result, one in results.items()
        if isinstance(one, np.ndarray)
        for arg, other in before.items()
        if isinstance(other, np.ndarray) and _share(one, other)
    )[:FACTS]
    return seen


def run(call: Callable[[], object], place: Place) -> Seen:
    """Do something in a stranger's code, whatever it raises, prints or warns about."""
    seen = Seen()
    with warnings.catch_warnings(record=True) as caught, quiet() as tail:
        warnings.simplefilter("always")
        start = time.perf_counter()
        try:
            with kept(), np.errstate(all="warn", under="ignore"):
                seen.value = call()
        except BaseException as error:
            seen.trouble = explain(error, place)
        seen.seconds = time.perf_counter() - start
    seen.printed = tail.tail()
    seen.warned = _told(caught, place)
    return seen


def _told(caught: Sequence[warnings.WarningMessage], place: Place) -> tuple[tuple[str, str], ...]:
    """Each warning once, with the line of theirs that gave it where it was one of theirs."""
    told: dict[tuple[str, str], None] = {}
    for one in caught:
        text = said(one.message) if isinstance(one.message, Warning) else str(one.message)
        path = place(one.filename)
        told[f"{one.category.__name__}: {text}", f"{path}:{one.lineno}" if path else ""] = None
    return tuple(told)[:FACTS]


def _named_results(value: object, keep: Sequence[int]) -> list[tuple[str, object]]:
    if not isinstance(value, tuple | list):
        return [("result", value)]
    return [(f"result {i}", part) for i, part in enumerate(value) if i not in keep]


def _leaves(named: list[tuple[str, object]]) -> dict[str, object]:
    """Everything in these values that is not itself a container, by its path."""
    found: dict[str, object] = {}
    on_the_way: set[int] = set()

    def visit(label: str, value: object, depth: int) -> None:
        if len(found) >= LEAVES or depth > DEPTH or id(value) in on_the_way:
            return
        try:
            parts = _parts(value)
        except Exception:  # of their class's own making
            parts = None
        if parts is None:
            found[label] = value
            return
        on_the_way.add(id(value))
        for step, part in parts:
            visit(label + step, part, depth + 1)
        on_the_way.discard(id(value))

    for label, value in named:
        visit(label, value, 0)
    return found


def _parts(value: object) -> list[tuple[str, object]] | None:
    """What a container holds, with the step that leads there; None for anything else."""
    if isinstance(value, tuple | list):
        return [(f"[{i}]", part) for i, part in enumerate(value)]
    if isinstance(value, dict):
        return [(f"[{key!r}]", part) for key, part in value.items()]
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return [(f"[{i}]", part) for i, part in enumerate(value.ravel())]
    own = getattr(value, "__dict__", None)
    if isinstance(own, dict) and not isinstance(value, type) and not callable(value):
        return [(f".{name}", part) for name, part in own.items()]
    return None


def _picture(leaf: object) -> tuple[object, ...]:
    """Something that differs as soon as the leaf does, bit by bit."""
    if isinstance(leaf, np.ndarray):
        return "array", leaf.dtype.str, leaf.shape, leaf.tobytes()
    if leaf is None or isinstance(leaf, bool | int | float | complex | str | bytes | np.generic):
        return "number", type(leaf), repr(leaf)
    return "thing", leaf


def _differ(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    if one[0] == other[0] == "thing":
        return one[1] is not other[1]
    return one != other


def _share(one: Array, other: Array) -> bool:
    """Whether two arrays overlap; where that takes long to tell, whether they may."""
    share = cast("Callable[..., bool]", np.shares_memory)  # its stub knows two max_work only
    try:
        return share(one, other, max_work=10_000)
    except np.exceptions.TooHardError:
        return np.may_share_memory(one, other)
