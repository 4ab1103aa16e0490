"""What the chapters on steps ask for, as checks: momentum, RMSProp, Adam, and variations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from checks.exercises.walks import (
    Course,
    Rule,
    add_conduct,
    add_memory,
    add_small_gradients,
    add_steps,
    course,
    unremarked,
)
from checks.model import Array, Evidence, Exercise, Probe, Student
from reference import optim

averaged_sgd = Exercise(
    "averaged_sgd",
    chapter="what-sgd-gets-wrong",
    statement="a step downhill that also remembers the mean of all places it has been to",
    minutes=10,
    file="optim.py",
    after=("sgd",),
    variation=True,
    stub='''\
def averaged_sgd(w, dw, config=None):
    """Take one step of gradient descent, and keep the mean of all weights.

    The step is that of sgd. After t steps, average is the mean of the t
    weights that they led to; the w at the very start is not among them.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing), and
            what the rule remembers: average, the shape of w (zeros where it
            is missing), and t, the number of steps so far (0).

    Returns:
        (next_w, config): the parameter after the step, and the dict, which
        now holds all three.
    """
    raise NotImplementedError
''',
    hints=(
        "The mean of t numbers, from the mean of the first t - 1 of them and the last one: how "
        "far does it move towards the last?",
        "eq-what-sgd-gets-wrong-average: t goes up by one first; then average moves by "
        "(next_w - average) / t.",
    ),
)

sgd_momentum = Exercise(
    "sgd_momentum",
    chapter="momentum",
    statement="a step with a velocity, which remembers past gradients",
    minutes=10,
    file="optim.py",
    after=("sgd",),
    stub='''\
def sgd_momentum(w, dw, config=None):
    """Take one step of gradient descent with momentum.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing) and
            momentum (0.9), and what the rule remembers: velocity, the
            shape of w (zeros where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all three.
    """
    raise NotImplementedError
''',
    hints=(
        "The velocity is what stays from call to call. Where does this call find it, and where "
        "does the next one? In which order do velocity and w change?",
        "eq-momentum-velocity, then eq-momentum-step with the new velocity. The learning rate is "
        "inside the velocity.",
    ),
)

nesterov_momentum = Exercise(
    "nesterov_momentum",
    chapter="momentum",
    statement="momentum that looks ahead",
    minutes=10,
    file="optim.py",
    after=("sgd_momentum",),
    variation=True,
    stub='''\
def nesterov_momentum(w, dw, config=None):
    """Take one step of gradient descent with momentum that looks ahead.

    The velocity becomes v = momentum * v - learning_rate * dw, as in
    sgd_momentum, and w, which stands for the place that lies ahead by
    that many velocities, moves by the new velocity and by ahead times
    what the velocity has changed by.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing),
            momentum (0.9) and ahead (0.5), and what the rule remembers:
            velocity, the shape of w (zeros where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all four.
    """
    raise NotImplementedError
''',
    hints=(
        "Two velocities go into the step: the one that config held, and the new one.",
        "eq-momentum-nesterov: the velocity that is kept is the new one, not the step.",
    ),
)

rmsprop = Exercise(
    "rmsprop",
    chapter="rmsprop",
    statement="a step in which every weight has a rate of its own",
    minutes=10,
    file="optim.py",
    after=("sgd",),
    stub='''\
def rmsprop(w, dw, config=None):
    """Take one step, each entry divided by the size of recent gradients.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing),
            decay_rate (0.99) and epsilon (1e-8), and what it remembers:
            cache, a mean of squared gradients, the shape of w (zeros where
            it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all four.
    """
    raise NotImplementedError
''',
    hints=(
        "Is the step divided by the cache from before this gradient, or after it? And what "
        "happens to an entry whose gradient has always been 0?",
        "eq-rmsprop-cache first, then eq-rmsprop-step with the new cache: epsilon is added to "
        "the root, not under it.",
    ),
)

centered_rmsprop = Exercise(
    "centered_rmsprop",
    chapter="rmsprop",
    statement="RMSProp that divides by the spread of the gradients, not by their size",
    minutes=15,
    file="optim.py",
    after=("rmsprop",),
    variation=True,
    stub='''\
def centered_rmsprop(w, dw, config=None):
    """Take one step, each entry divided by the spread of recent gradients.

    cache becomes decay_rate * cache + (1 - decay_rate) * dw**2, and mean
    becomes decay_rate * mean + (1 - decay_rate) * dw. The step is
    -learning_rate * dw / (sqrt(cache - mean**2) + epsilon), with both new;
    where rounding leaves the difference below 0, it counts as 0.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing),
            decay_rate (0.99) and epsilon (1e-8), and what it remembers:
            cache and mean, the shape of w (zeros where they are missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all five.
    """
    raise NotImplementedError
''',
    hints=(
        "Two memories decay at the same rate. Which of them holds squares?",
        "eq-rmsprop-centered: the mean is squared after it has been updated. A difference that "
        "rounding leaves below 0 has no root: np.maximum(difference, 0) has.",
    ),
)

adam = Exercise(
    "adam",
    chapter="adam",
    statement="momentum and RMSProp in one step, with the start put right",
    minutes=15,
    file="optim.py",
    after=("sgd_momentum", "rmsprop"),
    stub='''\
def adam(w, dw, config=None):
    """Take one step along a mean of gradients, over their typical size.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-3 where it is missing), beta1
            (0.9), beta2 (0.999) and epsilon (1e-8), and what the rule
            remembers: m and v, means of gradients and of their squares, the
            shape of w (zeros where they are missing), and t, the number of
            steps so far (0).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all seven.
    """
    raise NotImplementedError
''',
    hints=(
        "m and v are kept as they are; only the step uses corrected ones. What is t in the very "
        "first correction?",
        "eq-adam-m and eq-adam-v are what is kept; eq-adam-m-hat and eq-adam-v-hat divide by "
        "1 - beta**t, with t counted up first; eq-adam-step has epsilon outside the root.",
    ),
)

adamw = Exercise(
    "adamw",
    chapter="adam",
    statement="Adam in which weights fade, each by the same share",
    minutes=10,
    file="optim.py",
    after=("adam",),
    variation=True,
    stub='''\
def adamw(w, dw, config=None):
    """Take one step of Adam, and shrink w towards zero besides.

    The step is that of adam, less learning_rate * weight_decay * w. The w
    that fades is the one that came in; m and v know nothing of it.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-3 where it is missing), beta1
            (0.9), beta2 (0.999), epsilon (1e-8), weight_decay (1e-2), and
            what the rule remembers: m, v (zeros where they are missing) and
            t (0), as in adam.

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all eight.
    """
    raise NotImplementedError
''',
    hints=(
        "The decay is not a part of the gradient: nothing divides it.",
        "eq-adam-decoupled: Adam's step, and learning_rate * weight_decay * w taken off besides.",
    ),
)

# The statements of the variations

Step = tuple[Array, Mapping[str, object]]


def averaged(w: Array, dw: Array, config: Mapping[str, Any]) -> Step:
    """eq-what-sgd-gets-wrong-average."""
    known = {"learning_rate": 1e-2, "average": np.zeros_like(w), "t": 0, **config}
    t, next_w = known["t"] + 1, w - known["learning_rate"] * dw
    average = known["average"] + (next_w - known["average"]) / t
    return next_w, {**known, "average": average, "t": t}


def looks_ahead(w: Array, dw: Array, config: Mapping[str, Any]) -> Step:
    """eq-momentum-nesterov."""
    known = {"learning_rate": 1e-2, "momentum": 0.9, "ahead": 0.5, **config}
    old = known.get("velocity", np.zeros_like(w))
    v = known["momentum"] * old - known["learning_rate"] * dw
    return w + v + known["ahead"] * (v - old), {**known, "velocity": v}


def centered(w: Array, dw: Array, config: Mapping[str, Any]) -> Step:
    """eq-rmsprop-centered."""
    known = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, **config}
    rho = known["decay_rate"]
    cache = rho * known.get("cache", np.zeros_like(w)) + (1 - rho) * dw**2
    mean = rho * known.get("mean", np.zeros_like(w)) + (1 - rho) * dw
    spread = np.sqrt(np.maximum(cache - mean**2, 0)) + known["epsilon"]
    next_w = w - known["learning_rate"] * dw / spread
    return next_w, {**known, "cache": cache, "mean": mean}


def fades(w: Array, dw: Array, config: Mapping[str, Any]) -> Step:
    """eq-adam-decoupled."""
    known = {"weight_decay": 1e-2, **config}
    next_w, after = optim.adam(w, dw, known)
    return next_w - after["learning_rate"] * known["weight_decay"] * w, after


# The checks

RATE = {"learning_rate": (0.05, 0.2)}
HEAVY = {**RATE, "momentum": (0.6, 0.8)}
BETAS = {"beta1": (0.81, 0.85), "beta2": (0.69, 0.73)}
EPSILON = {"epsilon": (0.02, 0.04)}
MEAN = {**RATE, "decay_rate": (0.69, 0.73), **EPSILON}
ADAM = {**RATE, **BETAS, **EPSILON}
LATE: tuple[Mapping[str, float], ...] = ({}, {"t": 1})  # the course's starter of 2017 counts from 1

AVERAGED = Rule("averaged_sgd", averaged, RATE, ("average", "t"))
MOMENTUM = Rule("sgd_momentum", optim.sgd_momentum, HEAVY, ("velocity",))
NESTEROV = Rule("nesterov_momentum", looks_ahead, {**HEAVY, "ahead": (0.2, 0.4)}, ("velocity",))
RMSPROP = Rule("rmsprop", optim.rmsprop, MEAN, ("cache",))
CENTERED = Rule("centered_rmsprop", centered, MEAN, ("cache", "mean"))
STEPS = Rule("adam", optim.adam, ADAM, ("m", "v", "t"), LATE)
FADING = Rule("adamw", fades, {**ADAM, "weight_decay": (0.1, 0.4)}, ("m", "v", "t"), LATE)


FORGETTING = 1e-9  # relative: (9 / 0.05)**2 roundings, and some


def correction(student: Student, probe: Probe, other: str) -> Evidence:
    """Let one of the two means forget everything, and epsilon play no part.

    A mean that moves by (1 - beta) times what it lacks then takes away all that it holds,
    and a small dw after a large one keeps fewer digits: hence a tolerance of its own.
    """
    given = {**STEPS.numbers(probe), other: 0.0, "epsilon": 1e-30}
    when = f"with {other} = 0"
    return unremarked(STEPS.agrees(student, course(probe, 2), (given,), when, FORGETTING))


for exercise, rule in (
    (averaged_sgd, AVERAGED),
    (sgd_momentum, MOMENTUM),
    (nesterov_momentum, NESTEROV),
    (rmsprop, RMSPROP),
    (centered_rmsprop, CENTERED),
    (adam, STEPS),
    (adamw, FADING),
):
    add_conduct(exercise, rule)

add_memory(averaged_sgd, AVERAGED, "average", "eq-what-sgd-gets-wrong-average", 2)
add_memory(averaged_sgd, AVERAGED, "t", "eq-what-sgd-gets-wrong-average")
add_steps(averaged_sgd, AVERAGED, "eq-gradient-descent-sgd", 0, ("average",))

add_memory(sgd_momentum, MOMENTUM, "velocity", "eq-momentum-velocity", 1)
add_steps(sgd_momentum, MOMENTUM, "eq-momentum-step", 2)

add_memory(nesterov_momentum, NESTEROV, "velocity", "eq-momentum-nesterov", 1)
add_steps(nesterov_momentum, NESTEROV, "eq-momentum-nesterov", 2)

add_memory(rmsprop, RMSPROP, "cache", "eq-rmsprop-cache", 1)
add_steps(rmsprop, RMSPROP, "eq-rmsprop-step", 2)
add_small_gradients(rmsprop, RMSPROP, "eq-rmsprop-step")

add_memory(centered_rmsprop, CENTERED, "cache", "eq-rmsprop-cache")
add_memory(centered_rmsprop, CENTERED, "mean", "eq-rmsprop-centered", 1)
add_steps(centered_rmsprop, CENTERED, "eq-rmsprop-centered", 2)


@centered_rmsprop.check(
    "steady slope", stage="stability", equation="eq-rmsprop-centered", costs=1, after=("next_w",)
)
def a_spread_of_zero_has_a_root(student: Student, probe: Probe) -> Evidence:
    """A slope that has long been the same gives a step, even if cache rounds below mean**2."""
    # Slopes this small leave epsilon alone below dw, whichever way each difference is rounded.
    dw = 1e-5 * probe.normal(40)
    given: dict[str, Any] = {**CENTERED.numbers(probe), "cache": dw**2, "mean": dw}
    when = "where the slope has been the same for long"
    return CENTERED.agrees(student, Course(probe.normal(40), (dw,) * 3), (given,), when)


add_memory(adam, STEPS, "m", "eq-adam-m", 1)
add_memory(adam, STEPS, "v", "eq-adam-v", 1)
add_memory(adam, STEPS, "t", "eq-adam-m-hat")


@adam.check("m_hat", equation="eq-adam-m-hat", points=1)
def m_is_corrected(student: Student, probe: Probe) -> Evidence:
    """Where beta2 is 0, so that v is dw**2, the steps follow m / (1 - beta1**t)."""
    return correction(student, probe, "beta2")


@adam.check("v_hat", equation="eq-adam-v-hat", points=1)
def v_is_corrected(student: Student, probe: Probe) -> Evidence:
    """Where beta1 is 0, so that m is dw, they are divided by the root of v / (1 - beta2**t)."""
    return correction(student, probe, "beta1")


add_steps(adam, STEPS, "eq-adam-step", 1)
add_small_gradients(adam, STEPS, "eq-adam-step")

for key in FADING.state:
    add_memory(adamw, FADING, key, "eq-adam-decoupled")
add_steps(adamw, FADING, "eq-adam-decoupled", 2)
