"""What the chapter "numeric-gradients" asks for, as checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result, with_detail
from checks.gradient import slope_of_known
from checks.model import Answer, Array, Code, Evidence, Exercise, Probe, Student
from reference.numeric_gradients import numeric_gradient as measured
from reference.numeric_gradients import rel_error as right_rel_error

# Against the exact slope: rounding costs 1e-10 at h = 1e-5, a nudge to one side only 1e-5.
NUDGED = 1e-7

rel_error = Exercise(
    "rel_error",
    chapter="numeric-gradients",
    statement="one number for how far two arrays are apart",
    minutes=5,
    stub='''\
def rel_error(a, b):
    """Divide the largest |a - b| by the largest |a| + |b|.

    Args:
        a: numbers, an array or a list.
        b: as many, in the same shape.

    Returns:
        A float from 0 to 1: 0 where the arrays are equal (zeros too),
        1 where one is the negative of the other or only one is zero,
        nan where an entry is nan or infinite.

    Raises:
        ValueError: the shapes differ, even if they broadcast.
    """
    raise NotImplementedError
''',
    hints=(
        "There is one largest difference and one largest size, each over all entries. "
        "Which of your lines divides entry by entry?",
        "eq-numeric-rel-error, and two lines around it: refuse a.shape != b.shape before, "
        "and say what 0 / 0 is.",
    ),
)

numeric_gradient = Exercise(
    "numeric_gradient",
    chapter="numeric-gradients",
    statement="the slope of f along every entry of x, by central differences",
    minutes=15,
    stub='''\
def numeric_gradient(f, x, dout=None, h=1e-5):
    """Measure the slope of sum(dout * f(x)) along every entry of x.

    Args:
        f: a function of one array; each call gets a float64 copy.
        x: the point at which to measure, any shape, floating-point numbers.
        dout: one weight per entry of f(x); None where f returns one number.
        h: how far an entry is nudged each way.

    Returns:
        The slopes, float64, in the shape of x. x is left as it was.

    Raises:
        TypeError: x holds whole numbers, so a nudge would be lost.
        ValueError: dout has another shape than f(x).
    """
    raise NotImplementedError
''',
    hints=(
        "Nudge one entry up and the same entry down. By how much do the two points differ? "
        "What does f get to see, and what stands in x afterwards?",
        "eq-numeric-entry: sum(dout * (f(x + h e) - f(x - h e))) / (2 h), one entry at a time.",
    ),
)

directional_slope = Exercise(
    "directional_slope",
    chapter="numeric-gradients",
    statement="the slope of f along one direction, with two evaluations",
    minutes=5,
    variation=True,
    after=("numeric_gradient",),
    stub='''\
def directional_slope(f, x, v, h=1e-5):
    """Measure the slope of f at x along v, with two evaluations of f.

    Args:
        f: a function of one array that returns one number.
        x: the point, any shape, floating-point numbers.
        v: the direction, in the shape of x; its length counts: along a v
            that is twice as long the slope is twice as large.
        h: the two points are x + h v and x - h v.

    Returns:
        The slope, one number.
    """
    raise NotImplementedError
''',
    hints=(
        "How far apart are the two points, counted in lengths of v?",
        "eq-numeric-direction: all entries move at once, and the nudge is h v instead of h e.",
    ),
)


# rel_error


@rel_error.check("value", equation="eq-numeric-rel-error", points=2)
def is_the_largest_over_the_largest(student: Student, probe: Probe) -> Evidence:
    """rel_error is the largest difference over the largest size."""
    n, m = probe.sizes(2)
    a = probe.normal(n, m)
    b = a + 0.1 * probe.normal(n, m)
    a[0, 1], b[0, 1] = 0.01, -0.01  # a small entry that is all wrong must not decide
    b[1, 0] = a[1, 0] + (-0.5 if probe.draw % 2 else 0.5)  # the largest difference has a sign
    if probe.draw == 2:
        a, b = a / 100, b / 100  # small arrays are no closer for that
    return _number(student, "rel_error", Drawn({"a": a, "b": b}, {}), right_rel_error(a, b))


@rel_error.check("zeros", equation="eq-numeric-rel-error", costs=1, after=("value",), draws=1)
def two_zero_arrays_are_equal(student: Student, probe: Probe) -> Evidence:
    """Two arrays of zeros are 0 apart, not 0 / 0."""
    nothing = np.zeros(probe.sizes(2))
    drawn = Drawn({"a": nothing, "b": nothing}, {})
    return with_detail(_number(student, "rel_error", drawn, 0.0), at="two arrays of zeros")


@rel_error.check("shapes", stage="shape", costs=1, after=("value",), draws=2)
def another_shape_is_refused(student: Student, probe: Probe) -> Evidence:
    """Arrays of different shapes are refused, also where broadcasting would fit them."""
    n, m = probe.sizes(2)
    a = probe.normal(n, m)
    b = a[:1] if probe.draw else a[:, :1]
    answer = student.call("rel_error", a, b, names=("a", "b"))
    return _refused(answer, "rel_error", f"shapes {a.shape} and {b.shape}", {"a": a, "b": b})


@rel_error.check("nan", equation="eq-numeric-rel-error", costs=1, after=("value",), draws=1)
def nan_never_passes(student: Student, probe: Probe) -> Evidence:
    """An array that holds nan is never close to anything."""
    n, m = probe.sizes(2)
    a, b = probe.normal(n, m), probe.normal(n, m)
    a[1, 2] = np.nan
    answer = student.call("rel_error", a, b, names=("a", "b"))
    if answer.problem is not None and answer.problem.kind == "raised":
        return Evidence("nan", measured=0.0)
    value, against = contract.result(answer, "rel_error", ("value",), 0)
    if against is not None:
        return against
    looks_close = isinstance(value, int | float | np.ndarray) and bool(np.all(value < np.inf))
    detail = {"function": "rel_error", "value": value if looks_close else ""}
    return Evidence("nan", detail, float(looks_close), 0.5, {"a": a, "b": b})


@rel_error.check("numbers", equation="eq-numeric-rel-error", costs=1, after=("value",), draws=2)
def lists_and_whole_numbers_count(student: Student, probe: Probe) -> Evidence:
    """Lists are as good as arrays, and whole numbers as good as others."""
    a, b = (np.array([1, -2, 4]), np.array([3, -2, -1]))
    given = (a, b) if probe.draw else (a.tolist(), b.tolist())
    seen = one_result(
        student.call("rel_error", *given, names=("a", "b")),
        np.asarray(right_rel_error(a.astype(float), b.astype(float))),
        function="rel_error",
        results=("rel_error(a, b)",),
        drawn=Drawn({"a": a, "b": b}, {}),
        scale=1.0,
    )
    return with_detail(seen, at="arrays of whole numbers" if probe.draw else "two lists")


# numeric_gradient


@numeric_gradient.check("inputs", stage="mutation", costs=1)
def x_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call leaves x as it was, to the last digit."""
    case = _one_number(probe)
    answer = student.call("numeric_gradient", case.f, case.drawn["x"], names=("f", "x"))
    return contract.leaves_alone(answer, "numeric_gradient", ("x",), case.drawn.arrays)


@numeric_gradient.check("one number", equation="eq-numeric-entry", points=1)
def slope_of_one_number(student: Student, probe: Probe) -> Evidence:
    """Where f returns one number, the result is its slope along every entry of x."""
    case = _one_number(probe)
    answer = student.call("numeric_gradient", case.f, case.drawn["x"], names=("f", "x"))
    return case.compare(answer, slope_of_known(case.function, case.drawn["x"]), NUDGED)


@numeric_gradient.check("weights", equation="eq-numeric-entry", points=1)
def slope_of_the_weighted_sum(student: Student, probe: Probe) -> Evidence:
    """Where f returns an array, the result is the slope of sum(dout * f(x))."""
    case = _array(probe)
    x, dout = case.drawn["x"], case.drawn["dout"]
    answer = student.call("numeric_gradient", case.f, x, dout, names=("f", "x", "dout"))
    return case.compare(answer, slope_of_known(case.function, x, dout), NUDGED)


@numeric_gradient.check("step", equation="eq-numeric-step", costs=1, after=("weights",))
def the_step_is_the_one_given(student: Student, probe: Probe) -> Evidence:
    """The nudge is h each way, whatever h is."""
    case = _array(probe)
    x, dout, h = case.drawn["x"], case.drawn["dout"], probe.between(0.1, 0.3)
    answer = student.call("numeric_gradient", case.f, x, dout, h, names=("f", "x", "dout", "h"))
    return case.compare(answer, measured(case.function, x, dout, h), 1e-9, {"h": h})


@numeric_gradient.check("views", stage="mutation", costs=1, after=("weights",), draws=1)
def f_may_return_its_argument(student: Student, probe: Probe) -> Evidence:
    """An f that returns a view of its argument is measured like any other."""
    n, m = probe.sizes(2)
    drawn = Drawn({"x": probe.normal(n, m), "dout": probe.normal(m, n)}, {})
    case = Case(Code("def f(x):\n    return x.T\n"), drawn)
    answer = student.call(
        "numeric_gradient", case.f, drawn["x"], drawn["dout"], names=("f", "x", "dout")
    )
    return case.compare(answer, drawn["dout"].T, NUDGED)


@numeric_gradient.check("integers", stage="dtype", costs=1, after=("one number",), draws=1)
def whole_numbers_do_not_swallow_the_nudge(student: Student, probe: Probe) -> Evidence:
    """Whole numbers in x are refused, or give the right slope; never zeros."""
    case = _one_number(probe)
    x = np.round(3 * case.drawn["x"]).astype(np.int64)
    answer = student.call("numeric_gradient", case.f, x, names=("f", "x"))
    if answer.problem is not None and answer.problem.kind == "raised":
        return Evidence("refused", {"function": "numeric_gradient"}, 0.0)
    case = replace(case, drawn=Drawn({"x": x}, {}))
    seen = case.compare(answer, slope_of_known(case.function, x.astype(float)), NUDGED)
    if seen.kind == "value" and seen.measured > seen.bound:
        detail = {"function": "numeric_gradient", "what": "whole numbers in x"}
        return replace(seen, kind="refused", detail=detail)
    return seen


@numeric_gradient.check(
    "shapes of x", equation="eq-numeric-entry", costs=1, after=("one number",), draws=2
)
def x_may_have_any_shape(student: Student, probe: Probe) -> Evidence:
    """x may be a single number, or have three axes."""
    x = np.asarray(probe.normal(*(probe.sizes(3, low=2, high=5) if probe.draw else ())))
    case = Case(Code("def f(x):\n    return np.sum(np.exp(x))\n"), Drawn({"x": x}, {}))
    answer = student.call("numeric_gradient", case.f, x, names=("f", "x"))
    return case.compare(answer, np.asarray(np.exp(x)), NUDGED)


@numeric_gradient.check("shape of dout", stage="shape", costs=1, after=("weights",), draws=1)
def another_dout_is_refused(student: Student, probe: Probe) -> Evidence:
    """A dout of another shape than f(x) is refused, also where broadcasting would fit it."""
    case = _array(probe)
    x, dout = case.drawn["x"], case.drawn["dout"][:1]
    answer = student.call("numeric_gradient", case.f, x, dout, names=("f", "x", "dout"))
    what = f"dout of shape {dout.shape} where f(x) has {case.drawn['dout'].shape}"
    inputs: dict[str, object] = {"f": case.f.source, "x": x, "dout": dout}
    return _refused(answer, "numeric_gradient", what, inputs)


@numeric_gradient.check("float32", stage="dtype", costs=1, after=("one number",), draws=1)
def single_precision_is_nudged_in_double(student: Student, probe: Probe) -> Evidence:
    """An x of float32 is measured in float64, where the nudge is not rounded away."""
    case = _one_number(probe)
    x = case.drawn["x"].astype(np.float32)
    case = replace(case, drawn=Drawn({"x": x}, {}))
    answer = student.call("numeric_gradient", case.f, x, names=("f", "x"))
    seen = case.compare(answer, slope_of_known(case.function, x.astype(np.float64)), NUDGED)
    return with_detail(seen, at="an x of float32")


# directional_slope


@directional_slope.check("slope", equation="eq-numeric-direction", points=1)
def slope_along_a_direction(student: Student, probe: Probe) -> Evidence:
    """The result is the slope of f along v, v as long as it is."""
    case = _one_number(probe)
    x, v = case.drawn["x"], probe.normal(*case.drawn["x"].shape)
    answer = student.call("directional_slope", case.f, x, v, names=("f", "x", "v"))
    right = np.asarray((slope_of_known(case.function, x) * v).sum())
    return case.compare(answer, right, NUDGED, {"v": v}, name="slope", size=float(np.abs(v).sum()))


@directional_slope.check("step", equation="eq-numeric-direction", costs=1, after=("slope",))
def both_points_are_h_away(student: Student, probe: Probe) -> Evidence:
    """The two points are x + h v and x - h v, whatever h is."""
    case = _one_number(probe)
    x, v = case.drawn["x"], probe.normal(*case.drawn["x"].shape)
    h = probe.between(0.1, 0.3)
    right = measured(lambda t: case.function(x + t * v), np.zeros(()), None, h)
    answer = student.call("directional_slope", case.f, x, v, h, names=("f", "x", "v", "h"))
    return case.compare(answer, right, 1e-9, {"v": v, "h": h}, name="slope")


# Inputs


@dataclass(frozen=True)
class Case:
    """A function to measure, with the arrays of one draw."""

    f: Code
    drawn: Drawn

    @property
    def function(self) -> Callable[[Array], Array]:
        """The same function on our side of the pipe."""

        names: dict[str, Any] = {"np": np}
        exec(self.f.source, names)  # our own text, the same that the student's function gets
        function: Callable[[Array], Array] = names[self.f.name]
        return function

    def compare(
        self,
        answer: Answer,
        right: Array,
        tolerance: float,
        more: dict[str, object] | None = None,
        name: str = "slopes",
        size: float = 0.0,
    ) -> Evidence:
        """Compare what came back with the right slopes."""
        function = "directional_slope" if name == "slope" else "numeric_gradient"
        seen = one_result(
            answer,
            right,
            function=function,
            results=(name,),
            of="x",
            drawn=self.drawn,
            scale=size,
            tolerance=tolerance,
        )
        if not seen.inputs:
            return seen
        return replace(seen, inputs={"f": self.f.source, **self.drawn.arrays, **(more or {})})


def _one_number(probe: Probe) -> Case:
    """A function with curvature and with entries that meet: one-sided nudges show."""
    n, m = probe.sizes(2, high=6)
    source = "def f(x):\n    return np.sum(np.exp(x)) + x[0, 1] * x[2, 0] + np.sum(x[1] ** 3)\n"
    return Case(Code(source), Drawn({"x": probe.normal(n, m)}, {}))


def _array(probe: Probe) -> Case:
    """A function from (n, m) to (2, m), so that no dout of another shape fits."""
    n, m = probe.sizes(2, high=6)
    source = "def f(x):\n    return np.stack([np.exp(x).sum(axis=0), (x[0] * x[1]) ** 2])\n"
    return Case(Code(source), Drawn({"x": probe.normal(n, m), "dout": probe.normal(2, m)}, {}))


def _number(student: Student, function: str, drawn: Drawn, right: float) -> Evidence:
    answer = student.call(function, *drawn.arrays.values(), names=tuple(drawn.arrays))
    return one_result(
        answer,
        np.asarray(right),
        function=function,
        results=("rel_error(a, b)",),
        drawn=drawn,
        scale=1.0,
    )


def _refused(answer: Answer, function: str, what: str, inputs: dict[str, object]) -> Evidence:
    """Look at whether a call was refused with an exception."""
    raised = answer.problem is not None and answer.problem.kind == "raised"
    if answer.problem is not None and not raised:
        return contract.from_problem(answer.problem, function)
    detail = {"function": function, "what": what}
    return Evidence("refused", detail, 0.0 if raised else 1.0, 0.5, inputs)
