"""What the chapter "softmax" asks for, as checks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, between, one_result, passes, with_detail
from checks.exercises.layers import measured_slope
from checks.gradient import slope_of_known
from checks.model import Answer, Array, Evidence, Exercise, Probe, Student
from reference import softmax

RESULTS = ("loss", "dx")

softmax_loss = Exercise(
    "softmax_loss",
    chapter="softmax",
    statement="mean cross-entropy of a batch of scores, and its gradient",
    minutes=20,
    stub='''\
def softmax_loss(x, y):
    """Give the mean cross-entropy of a batch of scores, and its gradient.

    Args:
        x: scores, one row per example, shape (N, C), as large as +-1000.
        y: the right classes, shape (N,), integers from 0 to C - 1.

    Returns:
        (loss, dx): the mean over the batch of -log p[right class], one
        number, and its gradient with respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
    hints=(
        "The loss is a mean over the batch: where does 1/N go in dx? And which number may be "
        "subtracted from a whole row of scores without changing its probabilities?",
        "eq-softmax-loss, eq-softmax-dx: (p - onehot) / N; for large scores eq-softmax-shift, "
        "and a log that is never taken of a probability that has become 0.",
    ),
)

svm_loss = Exercise(
    "svm_loss",
    chapter="softmax",
    statement="mean hinge loss of a batch of scores, and its gradient",
    minutes=15,
    stub='''\
def svm_loss(x, y):
    """Give the mean hinge loss of a batch of scores, and its gradient.

    Args:
        x: scores, one row per example, shape (N, C).
        y: the right classes, shape (N,), integers from 0 to C - 1.

    Returns:
        (loss, dx): the mean over the batch of what is missing to a margin
        of 1 before every other class, one number, and its gradient with
        respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
    hints=(
        "Which classes enter the sum of one example, and which one does not? Each that is missing "
        "something pulls at two scores.",
        "eq-softmax-hinge leaves the right class out of its sum; eq-softmax-hinge-dx gives it "
        "minus the number of those that are missing something.",
    ),
)

smoothed_softmax_loss = Exercise(
    "smoothed_softmax_loss",
    chapter="softmax",
    statement="cross-entropy against a target that is not quite certain",
    minutes=15,
    after=("softmax_loss",),
    variation=True,
    stub='''\
def smoothed_softmax_loss(x, y, smoothing):
    """Give the mean cross-entropy against smoothed labels, and its slope.

    The target of an example is (1 - smoothing) * onehot + smoothing / C,
    and its loss is -sum(target * log p), p being the softmax of its scores.

    Args:
        x: scores, one row per example, shape (N, C), as large as +-1000.
        y: the right classes, shape (N,), integers from 0 to C - 1.
        smoothing: the share of the target that is spread over all classes.

    Returns:
        (loss, dx): the mean over the batch, one number, and its gradient
        with respect to x, shape (N, C).
    """
    raise NotImplementedError
''',
    hints=(
        "In the derivation of eq-softmax-dx, where did the target enter, and did it matter "
        "that it was one-hot?",
        "eq-softmax-smoothed: write its slope one index at a time, as for eq-softmax-dx. What do "
        "the entries of the target add up to?",
    ),
)


def run(student: Student, drawn: Drawn, function: str = "softmax_loss") -> Answer:
    """Call the student's function."""
    return student.call(function, drawn["x"], drawn["y"], names=("x", "y"))


def agrees(answer: Answer, drawn: Drawn, which: int) -> Evidence:
    """Compare the loss (0) or dx (1) with the reference's."""
    right = np.asarray(softmax.softmax_loss(drawn["x"], drawn["y"])[which])
    height = float(np.abs(drawn["x"]).max())  # scores of 1000 carry roundings of 1000 eps
    scale = height if which == 0 else (1 + height / 10) * float(np.linalg.norm(right))
    return one_result(
        answer,
        right,
        function="softmax_loss",
        results=RESULTS,
        which=which,
        of="x" if which else "",
        drawn=drawn,
        scale=scale,
        rule=softmax_results,
    )


def softmax_results(given: Mapping[str, Array]) -> dict[str, Array]:
    """The loss and dx, and what they are made of."""
    x, y = given["x"], given["y"]
    loss, dx = softmax.softmax_loss(x, y)
    z = x - x.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return {"loss": np.asarray(loss), "dx": dx, "p": p, "onehot": onehot(x, y)}


def svm_results(given: Mapping[str, Array]) -> dict[str, Array]:
    """The hinge loss and its dx, and what they are made of."""
    loss, dx = softmax.svm_loss(given["x"], given["y"])
    return {"loss": np.asarray(loss), "dx": dx, "onehot": onehot(given["x"], given["y"])}


def onehot(x: Array, y: Array) -> Array:
    """One row for each example: 1 for the right class, 0 for the others."""
    return np.asarray(y[:, None] == np.arange(x.shape[1]), dtype=float)


def draw(probe: Probe) -> Drawn:
    """Scores of ordinary size, sure and unsure rows, N and C different."""
    n, c = probe.sizes(2, low=4, high=9)
    arrays = {"x": 2 * probe.normal(n, c), "y": probe.labels(n, c)}
    return Drawn(arrays, {"N": n, "C": c})


def draw_extreme(probe: Probe) -> tuple[str, Drawn]:
    """Three places where a formula that is right on paper overflows.

    In each the rows share one height, so that code which subtracts the largest
    score of the whole batch is as good as code which does it row by row.
    """
    drawn = draw(probe)
    x, y = drawn["x"].copy(), drawn["y"]
    n, c = x.shape
    if probe.draw == 0:
        what = "scores of +-1000"
        x = 1000 * np.sign(x)
        x[:, 0], x[:, 1] = 1000, -1000
    elif probe.draw == 1:
        what = "rows that are confidently wrong"
        x[np.arange(n), (y + 1) % c] = 1000 + x[:, 0]
    else:
        what = "rows shifted by 1000"
        x += 1000
    return what, Drawn({"x": x, "y": y}, drawn.sizes)


@softmax_loss.check("inputs", stage="mutation", costs=1, shares="batch")
def x_and_y_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither the scores nor the labels."""
    drawn = draw(probe)
    return contract.leaves_alone(run(student, drawn), "softmax_loss", ("x", "y"), drawn.arrays)


@softmax_loss.check("loss", equation="eq-softmax-loss", points=1, shares="batch")
def loss_is_right(student: Student, probe: Probe) -> Evidence:
    """loss is the mean over the batch of -log p[right class], in nats."""
    drawn = draw(probe)
    return agrees(run(student, drawn), drawn, 0)


@softmax_loss.check("dx", stage="gradient", equation="eq-softmax-dx", points=2, shares="batch")
def dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the gradient of the mean loss with respect to the scores."""
    drawn = draw(probe)
    answer = run(student, drawn)
    seen = agrees(answer, drawn, 1)
    if passes(seen) or seen.kind != "value" or not passes(agrees(answer, drawn, 0)):
        return seen
    return beside_its_slope(student, "softmax_loss", drawn, seen)


@softmax_loss.check(
    "stability", stage="stability", equation="eq-softmax-shift", costs=1, after=("loss", "dx")
)
def large_scores_do_no_harm(student: Student, probe: Probe) -> Evidence:
    """Loss and dx stay finite and right for scores of +-1000 and for rows shifted by 1000."""
    what, drawn = draw_extreme(probe)
    answer = run(student, drawn)
    for which in (0, 1):
        seen = agrees(answer, drawn, which)
        if not passes(seen):
            return with_detail(seen, at=what)
    return seen


def draw_margins(probe: Probe) -> Drawn:
    """Scores of which some lead by the margin and some do not, and none by almost exactly it."""
    drawn = draw(probe)
    x, y = drawn["x"].copy(), drawn["y"]
    rows = np.arange(len(x))
    x[0, y[0]] = x[0].max() + 2  # one example that wants nothing
    gap = x - x[rows, y][:, None] + 1
    near = np.abs(gap) < 0.05
    near[rows, y] = False
    x[near] += np.copysign(0.1, gap[near])
    return Drawn({"x": x, "y": y}, drawn.sizes)


def draw_met_margins(probe: Probe) -> Drawn:
    """Whole scores, so that a margin can be met exactly, and in every example one is."""
    drawn = draw(probe)
    y = drawn["y"]
    n, c = drawn["x"].shape
    x = probe.rng.integers(-3, 4, size=(n, c)).astype(float)
    rows = np.arange(n)
    x[rows, (y + 1) % c] = x[rows, y] - 1
    return Drawn({"x": x, "y": y}, drawn.sizes)


@svm_loss.check("inputs", stage="mutation", costs=1, shares="batch")
def svm_leaves_x_and_y_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither the scores nor the labels."""
    drawn = draw_margins(probe)
    answer = run(student, drawn, "svm_loss")
    return contract.leaves_alone(answer, "svm_loss", ("x", "y"), drawn.arrays)


@svm_loss.check("loss", equation="eq-softmax-hinge", points=1, shares="batch")
def svm_loss_is_right(student: Student, probe: Probe) -> Evidence:
    """loss is the mean over the batch of all that is missing to a margin of 1."""
    drawn = draw_margins(probe)
    return hinge_agrees(run(student, drawn, "svm_loss"), drawn, 0)


@svm_loss.check("dx", stage="gradient", equation="eq-softmax-hinge-dx", points=2, shares="batch")
def svm_dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the gradient of the mean hinge loss with respect to the scores."""
    drawn = draw_margins(probe)
    answer = run(student, drawn, "svm_loss")
    seen = hinge_agrees(answer, drawn, 1)
    if passes(seen) or seen.kind != "value" or not passes(hinge_agrees(answer, drawn, 0)):
        return seen
    return beside_its_slope(student, "svm_loss", drawn, seen)


@svm_loss.check(
    "bends", stage="stability", equation="eq-softmax-hinge-dx", costs=1, after=("loss", "dx")
)
def svm_dx_at_a_bend_is_a_subgradient(student: Student, probe: Probe) -> Evidence:
    """Where a margin is met exactly, its class gets from 0 to 1/N, and the right class the rest."""
    drawn = draw_met_margins(probe)
    x, y = drawn["x"], drawn["y"]
    value, against = contract.result(run(student, drawn, "svm_loss"), "svm_loss", RESULTS, 1)
    if against is None:
        yours, against = contract.numbers(value, "svm_loss", "dx", x.shape, "x")
    if against is not None:
        return with_detail(against, at="margins that are met exactly")
    rows = np.arange(len(x))
    gap = x - x[rows, y][:, None] + 1
    low, high = (gap > 0) / len(x), (gap >= 0) / len(x)
    rest = -(yours.sum(axis=1) - yours[rows, y])
    low[rows, y] = high[rows, y] = rest
    return between(
        yours,
        low,
        high,
        function="svm_loss",
        name="dx",
        where="a margin of its example is met exactly",
        inputs=drawn.arrays,
    )


def hinge_agrees(answer: Answer, drawn: Drawn, which: int) -> Evidence:
    """Compare the hinge loss (0) or its dx (1) with the reference's."""
    return one_result(
        answer,
        np.asarray(softmax.svm_loss(drawn["x"], drawn["y"])[which]),
        function="svm_loss",
        results=RESULTS,
        which=which,
        of="x" if which else "",
        drawn=drawn,
        rule=svm_results,
    )


def beside_its_slope(student: Student, function: str, drawn: Drawn, seen: Evidence) -> Evidence:
    """Add the slope of the student's own loss along the entry that is shown."""
    index = seen.detail["index"]
    assert isinstance(index, tuple)
    slope = measured_slope(student, function, [drawn["x"], drawn["y"]], 0, index, None)
    return seen if slope is None else with_detail(seen, slope=slope)


def smoothed(x: Array, y: Array, smoothing: float) -> Array:
    """The statement of the variation."""
    n, c = x.shape
    z = x - x.real.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * (y[:, None] == np.arange(c)) + smoothing / c
    return np.asarray(-(target * log_p).sum() / n)


def smoothed_agrees(student: Student, drawn: Drawn, smoothing: float, which: int) -> Evidence:
    """Compare the loss with the statement, or dx with the statement's slope."""
    x, y = drawn["x"], drawn["y"]
    loss = smoothed(x, y, smoothing)
    right = slope_of_known(lambda moved: smoothed(moved, y, smoothing), x) if which else loss
    names = ("x", "y", "smoothing")
    return one_result(
        student.call("smoothed_softmax_loss", x, y, smoothing, names=names),
        right,
        function="smoothed_softmax_loss",
        results=RESULTS,
        which=which,
        of="x" if which else "",
        drawn=Drawn({**drawn.arrays, "smoothing": np.asarray(smoothing)}, drawn.sizes),
        scale=float(np.abs(x).max()) if which == 0 else None,
    )


@smoothed_softmax_loss.check("inputs", stage="mutation", costs=1, shares="batch")
def smoothed_leaves_x_and_y_alone(student: Student, probe: Probe) -> Evidence:
    """A call changes neither the scores nor the labels."""
    drawn, names = draw(probe), ("x", "y", "smoothing")
    answer = student.call("smoothed_softmax_loss", drawn["x"], drawn["y"], 0.1, names=names)
    return contract.leaves_alone(answer, "smoothed_softmax_loss", ("x", "y"), drawn.arrays)


@smoothed_softmax_loss.check("loss", equation="eq-softmax-smoothed", points=1, shares="batch")
def smoothed_loss_is_right(student: Student, probe: Probe) -> Evidence:
    """loss is the mean over the batch of -sum(target * log p)."""
    return smoothed_agrees(student, draw(probe), probe.between(0.05, 0.4), 0)


@smoothed_softmax_loss.check(
    "dx", stage="gradient", equation="eq-softmax-smoothed", points=2, shares="batch"
)
def smoothed_dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the slope of that loss with respect to the scores."""
    return smoothed_agrees(student, draw(probe), probe.between(0.05, 0.4), 1)


@smoothed_softmax_loss.check(
    "stability", stage="stability", equation="eq-softmax-shift", costs=1, after=("loss", "dx")
)
def smoothed_stands_large_scores(student: Student, probe: Probe) -> Evidence:
    """Loss and dx stay finite and right for scores of +-1000 and for rows shifted by 1000."""
    what, drawn = draw_extreme(probe)
    for which in (0, 1):
        seen = smoothed_agrees(student, drawn, 0.1, which)
        if not passes(seen):
            break
    return with_detail(seen, at=what)
