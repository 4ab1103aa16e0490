"""A loss of a task and its gradient: which checks they get."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result, passes, with_detail
from checks.exercises.layers import measured_slope
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student

Loss = Callable[..., Array]


def judge_loss(
    exercise: Exercise,
    loss: Loss,
    draw: Callable[[Probe], Drawn],
    equations: tuple[str, str],
    extreme: Callable[[Probe], tuple[str, Drawn]] | None = None,
) -> None:
    """Ask for a loss and its gradient with respect to its first argument.

    Args:
        exercise: gets the checks.
        loss: the statement, which a complex first argument may go through.
        draw: draws the arguments, in order.
        equations: what the loss stands on, and what the gradient stands on.
        extreme: draws large scores, where the loss has to stand them, and says which.
    """

    def agrees(student: Student, drawn: Drawn, which: int) -> Evidence:
        return _agrees(student, exercise.name, loss, drawn, which)

    @exercise.check("inputs", stage="mutation", costs=1)
    def _(student: Student, probe: Probe) -> Evidence:
        """A call changes none of its arguments."""
        drawn = draw(probe)
        names = tuple(drawn.arrays)
        answer = student.call(exercise.name, *drawn.arrays.values(), names=names)
        return contract.leaves_alone(answer, exercise.name, names, drawn.arrays)

    @exercise.check("loss", equation=equations[0], points=1)
    def _(student: Student, probe: Probe) -> Evidence:
        """loss is the number that the statement defines."""
        return agrees(student, draw(probe), 0)

    def slope(student: Student, probe: Probe) -> Evidence:
        drawn = draw(probe)
        seen = agrees(student, drawn, 1)
        if passes(seen) or seen.kind != "value" or not passes(agrees(student, drawn, 0)):
            return seen
        return _beside_its_slope(student, exercise.name, drawn, seen)

    drawn_first = "dw" if exercise.name.endswith("penalty") else "dx"
    slope.__doc__ = f"{drawn_first} is the slope of that loss along {drawn_first[1:]}."
    exercise.check(drawn_first, stage="gradient", equation=equations[1], points=2)(slope)

    if extreme is not None:
        _add_stability(exercise, agrees, extreme)


def _add_stability(
    exercise: Exercise,
    agrees: Callable[[Student, Drawn, int], Evidence],
    extreme: Callable[[Probe], tuple[str, Drawn]],
) -> None:
    @exercise.check(
        "stability", stage="stability", equation="eq-softmax-shift", costs=1, after=("loss", "dx")
    )
    def _(student: Student, probe: Probe) -> Evidence:
        """Loss and dx stay finite and right for scores of +-1000 and for rows shifted by 1000."""
        what, drawn = extreme(probe)
        for which in (0, 1):
            seen = agrees(student, drawn, which)
            if not passes(seen):
                break
        return with_detail(seen, at=what)


def _agrees(student: Student, name: str, loss: Loss, drawn: Drawn, which: int) -> Evidence:
    """Compare the loss (0) or its gradient (1) with the statement's."""
    first, *rest = drawn.arrays.values()
    letter = next(iter(drawn.arrays))
    right = slope_of_known(lambda moved: loss(moved, *rest), first) if which else loss(first, *rest)
    height = float(np.abs(first).max())  # scores of 1000 carry roundings of 1000 eps
    return one_result(
        student.call(name, first, *rest, names=tuple(drawn.arrays)),
        right,
        function=name,
        results=("loss", f"d{letter}"),
        which=which,
        of=letter if which else "",
        drawn=drawn,
        scale=(1 + height / 10) * float(np.linalg.norm(right)) if which else height,
    )


def _beside_its_slope(student: Student, name: str, drawn: Drawn, seen: Evidence) -> Evidence:
    """Add the slope of the student's own loss along the entry that is shown."""
    index = seen.detail["index"]
    assert isinstance(index, tuple)
    slope = measured_slope(student, name, list(drawn.arrays.values()), 0, index, None)
    return seen if slope is None else with_detail(seen, slope=slope)


def log_softmax(x: Array) -> Array:
    """log p of each class; the real part says which score is the largest."""
    z = x - x.real.max(axis=1, keepdims=True)
    return np.asarray(z - np.log(np.exp(z).sum(axis=1, keepdims=True)))
