"""The nouns of the engine, as plain data: what is asked, what was seen, what came of it.

Nothing here runs a student's code, words a message or decides anything, and nothing
imports more than NumPy, so that every other module may stand on this one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import numpy as np

# What crosses the pipe beside plain values; the worker cannot import this module.
from checks.beside.wire import Code as Code
from checks.beside.wire import Foreign as Foreign
from checks.beside.wire import Handle as Handle

Array = np.ndarray[Any, np.dtype[Any]]
Path = int | tuple[int | str, ...]  # argument 0, or the part (1, "W1") of argument 1
Rule = Callable[[Mapping[str, Array]], Mapping[str, Array]]  # all right results, of the inputs
DrawsT = TypeVar("DrawsT", bound=Callable[..., Any])
Plain = object  # None, bool, int, float, str, and tuples, lists and mappings of these

SCHEMA = 1


# What stands between the judge and the code under test


@dataclass(frozen=True)
class Problem:
    """Why there is no value. Worded in ``show``, never here.

    Args:
        kind: missing | syntax | import | not_started | raised | timeout | died | unfinished |
            refused | not_callable | unreadable | ambiguous | ignored | absent; of what was
            handed in, set_aside | late | not_code | no_code; or
            in_place or late_start, remarks on what was let pass; other_variant; or
            fault, ours.
        where: "affine.py:12", the file as its author knows it and the line, or "".
        detail: plain parameters of the sentence (error, message, source, seconds, function).
    """

    kind: str
    where: str = ""
    detail: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What one call gave, and what it did on the way.

    Args:
        value: a tree of None, bool, int, float, str, ndarray, tuple, dict, Handle, Foreign.
        problem: why there is no value.
        changed: the arguments that the call changed, such as "dout" or "cache[0]".
        shares: pairs (result, argument) that share memory, such as ("result 0", "dout").
        printed: a bounded tail of what was printed.
        warned: the first few warnings that were raised, each as a sentence.
        seconds: how long it took.
    """

    value: object = None
    problem: Problem | None = None
    changed: tuple[str, ...] = ()
    shares: tuple[tuple[str, str], ...] = ()
    printed: str = ""
    warned: tuple[str, ...] = ()
    seconds: float = 0.0


class Student(Protocol):
    """The implementation under test, always spoken to through this."""

    @property
    def deaths(self) -> int:
        """How often all that was kept has been lost: no Handle from before stands for anything."""

    def defines(self, name: str) -> Problem | None:
        """None where a function or class of that name is there to be called, else why not."""

    def call(
        self,
        name: str,
        *args: object,
        keep: Sequence[int] = (),
        names: Sequence[str] = (),
        seconds: float | None = None,
        instead: Code | None = None,
        lent: Code | None = None,
    ) -> Answer:
        """Call a function on copies of ``args``.

        Args:
            name: the function; or a class and the question to it, such as
                "TwoLayerNet.loss": see ``beside.adapters`` for its arguments.
            args: positional; arrays, numbers, strings, dicts, tuples, None, Handle, Code.
            keep: positions of a tuple result that stay with the code, as Handle.
            names: what to call the arguments in ``Answer.changed`` and ``shares``.
            seconds: the limit of this call, where it is not the usual one.
            instead: functions that take the place of the code's own while this call
                runs: those that ``instead.name`` lists, between spaces.
            lent: functions for what the code imports from a module that is not there;
                ``lent.name`` is how the module's name ends, such as "optim".
        """

    def slopes(
        self,
        name: str,
        args: Sequence[object],
        move: Mapping[Path, Array],
        steps: Sequence[float],
        weigh: Array | None = None,
        take: int = 0,
    ) -> Answer:
        """Measure ``psi(t) = sum(weigh * (y(args + t * move) - y(args)))`` at each step t.

        ``y`` is result ``take`` of a tuple, or the result itself; the value is a
        float64 array with one entry per step.
        """

    def remarks(self) -> tuple[Problem, ...]:
        """What was found on the way and costs nothing: ignored cells, unreadable files."""

    def close(self) -> None:
        """End whatever was started."""


# What is asked


@dataclass(frozen=True)
class Evidence:
    """What a check saw. Whether that is a pass is decided in ``run``, from the numbers.

    Args:
        kind: the id of the sentence in ``show``.
        detail: its plain parameters.
        measured: how far off it was; not a number where nothing could be measured.
        bound: how far off it may be.
        inputs: the arguments that were drawn, by name, for ``--show-inputs``.
        yours, right: the two arrays that were compared, of one shape where the kind is
            "value"; None where nothing came that could be compared.
        start: where a step began that ended in these two.
        rule: gives the right results by their names, of the inputs and of others like them.
    """

    kind: str
    detail: Mapping[str, Plain] = field(default_factory=dict)
    measured: float = math.inf
    bound: float = 0.0
    inputs: Mapping[str, object] = field(default_factory=dict)
    yours: Array | None = None
    right: Array | None = None
    start: Array | None = None
    rule: Rule | None = None


class Probe:
    """The inputs of one check, drawn from a seed that is the same on every machine.

    ``draw`` counts the draws of one check, so that a check can visit several points.

    Args:
        seed, key, draw: probes that agree in these draw the same numbers.
        drawn: what such probes have drawn, where they are to draw it once for all.
    """

    def __init__(
        self, seed: int, *key: object, draw: int = 0, drawn: dict[object, Any] | None = None
    ) -> None:
        self.seed = seed
        self.key = (*key, draw)
        self.draw = draw
        self.drawn = drawn
        self.taken: list[Draw] = []  # from ``drawn``, and not drawn here
        self.generator: np.random.Generator | None = None

    @property
    def rng(self) -> np.random.Generator:
        """Where the numbers come from; it stands where it would if nothing had been taken."""
        if self.generator is None:
            text = "/".join(str(part) for part in (self.seed, *self.key))
            start = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
            self.generator = np.random.Generator(np.random.PCG64(start))
            for draw in self.taken:
                draw(self)
        return self.generator

    def once(self, draw: Draw) -> Any:
        """What ``draw`` draws from this probe, or has drawn from another that is alike.

        Nobody may change what comes back.
        """
        if self.drawn is None or self.generator is not None:
            return draw(self)
        key = (self.seed, *self.key, *self.taken, draw)
        if key in self.drawn:
            self.taken.append(draw)
        else:
            self.drawn[key] = draw(self)
        return self.drawn[key]

    def sizes(
        self, count: int, low: int = 3, high: int = 9, avoid: Sequence[int] = ()
    ) -> list[int]:
        """Draw ``count`` sizes that differ from one another and from ``avoid``."""
        free = [size for size in range(low, high + 1) if size not in avoid]
        return [int(size) for size in self.rng.choice(free, size=count, replace=False)]

    def normal(self, *shape: int) -> Array:
        """Draw standard normal numbers, of which none is too small to matter."""
        drawn = self.rng.standard_normal(shape)
        return np.copysign(np.maximum(np.abs(drawn), 0.05), drawn)

    def labels(self, count: int, classes: int) -> Array:
        """Draw ``count`` class labels, of which the first two differ."""
        drawn = self.rng.integers(classes, size=count)
        if count > 1 and drawn[0] == drawn[1]:
            drawn[1] = (drawn[0] + 1) % classes
        return drawn

    def between(self, low: float, high: float) -> float:
        """Draw a number, not a round one."""
        return float(self.rng.uniform(low, high))


@dataclass(frozen=True)
class Draw:
    """A function that draws from a probe, with its further arguments; two may be equal."""

    function: Callable[..., Any]
    args: tuple[object, ...]
    named: tuple[tuple[str, object], ...]

    def __call__(self, probe: Probe) -> Any:
        """Draw."""
        return self.function(probe, *self.args, **dict(self.named))


def once(function: DrawsT) -> DrawsT:
    """Let checks that are drawn alike draw with this function once for all of them."""

    @wraps(function)
    def taken(probe: Probe, *args: object, **named: object) -> object:
        return probe.once(Draw(function, args, tuple(named.items())))

    return cast("DrawsT", taken)


@dataclass(frozen=True)
class Check:
    """One sentence that would be false if it failed, and a function that looks.

    Args:
        name: as in "affine_backward / db".
        sentence: the first line of the function's docstring.
        look: the function; it returns Evidence for one draw.
        stage: what it is about: value, gradient, mutation or stability.
        equation: the label that it stands on, or "".
        points: what it earns.
        costs: what its failure takes away from the exercise.
        after: checks of the same exercise without which this one says nothing.
        draws: how many times it is drawn.
        shares: checks of an exercise that have the same word here are drawn alike, and a
            call that one of them has made is made once for all; "" for a check by itself.
    """

    name: str
    sentence: str
    look: Callable[[Student, Probe], Evidence]
    stage: str = "value"
    equation: str = ""
    points: int = 0
    costs: int = 0
    after: tuple[str, ...] = ()
    draws: int = 3
    shares: str = ""


Look = Callable[[Student, Probe], Evidence]


@dataclass(frozen=True)
class Exercise:
    """What the book asks for, with its checks in the order in which they explain.

    Args:
        name: the function to write; its name on the page and after ``-k``.
        chapter: the stem of the chapter that asks for it.
        statement: one line, for the list.
        stub: signature and docstring, with a body that raises.
        hints: what the pattern may mean, then the equation.
        minutes: how long it usually takes.
        after: exercises that this one builds on.
        file: where ``checks start`` puts the stub; by default named after the chapter.
        variation: True where the package holds no answer.
    """

    name: str
    chapter: str
    statement: str
    stub: str
    hints: tuple[str, ...]
    minutes: int = 10
    after: tuple[str, ...] = ()
    file: str = ""
    variation: bool = False
    checks: list[Check] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.file:
            object.__setattr__(self, "file", self.chapter.replace("-", "_") + ".py")

    @property
    def points(self) -> int:
        """What the exercise is worth."""
        return sum(check.points for check in self.checks)

    def check(
        self,
        name: str,
        *,
        stage: str = "value",
        equation: str = "",
        points: int = 0,
        costs: int = 0,
        after: tuple[str, ...] = (),
        draws: int = 3,
        shares: str = "",
    ) -> Callable[[Look], Look]:
        """Add a function to the checks of this exercise; its docstring is the sentence."""

        def add(look: Look) -> Look:
            sentence = (look.__doc__ or "").strip().split("\n")[0]
            self.checks.append(
                Check(name, sentence, look, stage, equation, points, costs, after, draws, shares)
            )
            return look

        return add


# What came of it

PASS, FAIL, UNDETERMINED = "pass", "fail", "undetermined"
NOT_STARTED, NOT_REACHED = "not started", "not reached"


@dataclass(frozen=True)
class Diagnosis:
    """Why a check failed: what reproduces a student's numbers to rounding.

    Args:
        mistake: the catalogue's name for it, such as "affine_backward/db_is_a_mean".
        sentence: what is wrong, as the catalogue puts it.
        equation: the label of the equation that it misses, or "".
    """

    mistake: str
    sentence: str
    equation: str = ""


Name = Callable[[Exercise, Sequence["Outcome"], Student, int], Diagnosis | None]


@dataclass(frozen=True)
class Outcome:
    """What came of one check. Only ``run`` makes these."""

    exercise: str
    check: str
    state: str
    points: int = 0
    earned: int = 0
    costs: int = 0
    evidence: Evidence | None = None
    equation: str = ""
    stage: str = "value"
    sentence: str = ""
    seconds: float = 0.0
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True)
class Report:
    """The outcomes of one run. Every front end shows this and decides nothing."""

    seed: int
    outcomes: tuple[Outcome, ...]
    remarks: tuple[Problem, ...] = ()
    exercises: tuple[str, ...] = ()
    variant: str = ""  # whose tasks were judged, where it was somebody's
    schema: int = SCHEMA

    def of(self, exercise: str) -> tuple[Outcome, ...]:
        """The outcomes of one exercise, in order."""
        return tuple(one for one in self.outcomes if one.exercise == exercise)
