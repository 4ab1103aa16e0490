"""What the chapter "chain-rule" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks.exercises.agree import Drawn, one_result, passes, with_detail
from checks.gradient import slope_of_known
from checks.model import Array, Evidence, Exercise, Probe, Student

graph_backward = Exercise(
    "graph_backward",
    chapter="chain-rule",
    statement="the three slopes of f(x, y, z) = (x + y) exp(y z)",
    minutes=10,
    variation=True,
    stub='''\
def graph_backward(x, y, z):
    """Give the three slopes of f(x, y, z) = (x + y) * exp(y * z).

    Args:
        x, y, z: numbers.

    Returns:
        (dx, dy, dz): the slope of f along each of them, each one number.
    """
    raise NotImplementedError
''',
    hints=(
        "Draw the graph. How many paths lead from y to f, and from x, and from z?",
        "eq-chain-rule along each path, eq-chain-fan-out over the paths: y has two of them.",
    ),
)


def graph(xyz: Array) -> Array:
    """The statement: f(x, y, z) = (x + y) exp(y z)."""
    x, y, z = xyz
    return np.asarray((x + y) * np.exp(y * z))


def slope_agrees(student: Student, probe: Probe, which: int) -> Evidence:
    """Compare one of the three with the slope of the statement."""
    xyz = probe.normal(3)
    x, y, z = (float(number) for number in xyz)
    slopes = slope_of_known(graph, xyz)
    seen = one_result(
        student.call("graph_backward", x, y, z, names=("x", "y", "z")),
        slopes[which],
        function="graph_backward",
        results=("dx", "dy", "dz"),
        which=which,
        drawn=Drawn({"x": xyz[0], "y": xyz[1], "z": xyz[2]}, {}),
        scale=float(np.linalg.norm(slopes)),
    )
    return seen if passes(seen) else with_detail(seen, slope=float(slopes[which]), of_statement="f")


@graph_backward.check("dx", equation="eq-chain-rule", points=1, shares="batch")
def dx_is_right(student: Student, probe: Probe) -> Evidence:
    """dx is the slope of f along x."""
    return slope_agrees(student, probe, 0)


@graph_backward.check("dy", equation="eq-chain-fan-out", points=1, shares="batch")
def dy_is_right(student: Student, probe: Probe) -> Evidence:
    """dy is the slope of f along y, which reaches f on two paths."""
    return slope_agrees(student, probe, 1)


@graph_backward.check("dz", equation="eq-chain-rule", points=1, shares="batch")
def dz_is_right(student: Student, probe: Probe) -> Evidence:
    """dz is the slope of f along z."""
    return slope_agrees(student, probe, 2)
