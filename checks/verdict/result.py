"""What a gradient check ends in, as plain data; worded in ``show.slopes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

MATCH, MISMATCH, UNDETERMINED = "match", "mismatch", "undetermined"

CHANCE = 1e-9  # that an error as large as a certificate's bound passes
DIRECTIONS = 3  # that a certificate stands on


@dataclass(frozen=True)
class Entry:
    """One entry that is wrong, by its own slope.

    Args:
        index: which.
        yours: what came back.
        slope: what was measured.
        bound: how far off the slope may be.
    """

    index: tuple[int, ...]
    yours: float
    slope: float
    bound: float


@dataclass(frozen=True)
class Found:
    """The wrong entries of one array.

    Args:
        entries: those that were measured, in order.
        measured: how many entries were looked at, right ones included, each alone or in a
            group that agreed.
        size: how many there are.
        whole: whether all were looked at.
        within: first and last flat index of what holds an error, where no entry alone shows it.
    """

    entries: tuple[Entry, ...] = ()
    measured: int = 0
    size: int = 0
    whole: bool = False
    within: tuple[int, int] | None = None


@dataclass(frozen=True)
class Verdict:
    """What came of one array of inputs.

    Args:
        name: of the input.
        state: match | mismatch | undetermined.
        kind: why: slope | empty | missing | shape | dtype | nonfinite; of what is
            undetermined: kink | noise | single | forward | random.
        bound: for a match, the norm that an error would need to show, but for ``CHANCE``.
        norm: of the gradient in question.
        apart: for a mismatch, how far slope and gradient are apart along the direction
            that showed it, from 0 to 2.
        shape: of the input.
        moved: how far beside the given point it was judged, as a part of each array's size.
        found: the wrong entries.
        detail: plain parameters of the sentence.
        point: which point, where several were drawn.
    """

    name: str
    state: str
    kind: str = "slope"
    bound: float = float("inf")
    norm: float = 0.0
    apart: float = 0.0
    shape: tuple[int, ...] = ()
    moved: float = 0.0
    found: Found = Found()
    detail: Mapping[str, object] = field(default_factory=dict)
    point: int = 0

    @property
    def relative(self) -> float:
        """The bound by the gradient's own norm; infinite beside a gradient of zeros."""
        return self.bound / self.norm if self.norm else float("inf")


@dataclass(frozen=True)
class GradientCheck:
    """What ``gradient_check`` found, one verdict for each array.

    It counts as true only where all of them match, so that ``assert gradient_check(...)``
    fails where something is wrong and also where nothing could be told.

    Args:
        function: the name of the forward pass.
        verdicts: in the order of the inputs.
        seed: brings the directions back, and dout where none was given.
        points: how many points were looked at.
        directions: how many a bound stands on.
        forwards: how many times the forward pass was called.
    """

    function: str
    verdicts: tuple[Verdict, ...]
    seed: int = 0
    points: int = 1
    directions: int = DIRECTIONS
    forwards: int = 0

    @property
    def state(self) -> str:
        """mismatch where one does not match; else undetermined where one is; else match."""
        states = {one.state for one in self.verdicts}
        return next((one for one in (MISMATCH, UNDETERMINED) if one in states), MATCH)

    def __bool__(self) -> bool:
        return self.state == MATCH

    def __getitem__(self, name: str) -> Verdict:
        """The verdict on one input, by name."""
        for one in self.verdicts:
            if one.name == name:
                return one
        raise KeyError(name)


def worst(one: Verdict, two: Verdict) -> Verdict:
    """Of the verdicts on one array at two points the one to tell; of matches, the weaker."""
    order = (MATCH, UNDETERMINED, MISMATCH)
    if one.state != two.state:
        return max(one, two, key=lambda each: order.index(each.state))
    weaker = two if one.state == MATCH and two.relative > one.relative else one
    return replace(weaker, moved=max(one.moved, two.moved))
