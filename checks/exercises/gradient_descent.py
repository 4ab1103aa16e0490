"""What the chapter "gradient-descent" asks for, as checks."""

from __future__ import annotations

import numpy as np

from checks.exercises.agree import Drawn
from checks.exercises.rules import ARGUMENTS, NO_CONFIG, conduct, config_agrees, draw, step_agrees
from checks.model import Array, Evidence, Exercise, Probe, Student
from reference import optim

sgd = Exercise(
    "sgd",
    chapter="gradient-descent",
    statement="one step downhill",
    minutes=5,
    file="optim.py",
    stub='''\
def sgd(w, dw, config=None):
    """Take one step of gradient descent.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds the learning rate that was used.
    """
    raise NotImplementedError
''',
    hints=(
        "Downhill is against the gradient. What does config hold when nobody passed one?",
        "eq-gradient-descent-sgd: w minus learning_rate times dw.",
    ),
)

sgd_weight_decay = Exercise(
    "sgd_weight_decay",
    chapter="gradient-descent",
    statement="a step downhill that also shrinks the weights",
    minutes=5,
    file="optim.py",
    after=("sgd",),
    variation=True,
    stub='''\
def sgd_weight_decay(w, dw, config=None):
    """Take one step of gradient descent, and shrink w towards zero besides.

    The step is w - learning_rate * dw - learning_rate * weight_decay * w.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing) and
            weight_decay (1e-4 where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds both numbers that were used.
    """
    raise NotImplementedError
''',
    hints=(
        "Both parts are taken from the w that came in, not one after the other.",
        "eq-gradient-descent-decay, and a default for each of the two keys of config.",
    ),
)


def _refs(drawn: Drawn, config: dict[str, float]) -> Array:
    return np.asarray(optim.sgd(drawn["w"].copy(), drawn["dw"].copy(), config)[0])


@sgd.check("inputs", stage="mutation", costs=1)
def dw_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call leaves dw alone, and w too unless w itself is what it returns."""
    drawn = draw(probe)
    config = {"learning_rate": probe.between(0.05, 0.2)}
    answer = student.call("sgd", drawn["w"], drawn["dw"], config, names=ARGUMENTS)
    return conduct(answer, "sgd", drawn.arrays)


@sgd.check("step", equation="eq-gradient-descent-sgd", points=1)
def the_step_is_right(student: Student, probe: Probe) -> Evidence:
    """next_w is w minus the learning rate times dw."""
    drawn, rate = draw(probe), probe.between(0.05, 0.2)
    right = _refs(drawn, {"learning_rate": rate})
    return step_agrees(student, "sgd", drawn, right, {"learning_rate": rate})


@sgd.check("default rate", equation="eq-gradient-descent-sgd", points=1, after=("step",))
def the_default_rate_is_a_hundredth(student: Student, probe: Probe) -> Evidence:
    """Without a config, with None or with an empty one, the learning rate is 1e-2."""
    drawn = draw(probe)
    config = NO_CONFIG[probe.draw % 3]
    return step_agrees(student, "sgd", drawn, _refs(drawn, {"learning_rate": 1e-2}), *config)


@sgd.check("config", stage="call", costs=1, after=("step",), draws=2)
def config_comes_back(student: Student, probe: Probe) -> Evidence:
    """The second result is a dict that holds the learning rate that was used."""
    given = {"learning_rate": probe.between(0.05, 0.2)} if probe.draw == 0 else {}
    return config_agrees(student, "sgd", draw(probe), given, {"learning_rate": 1e-2})


@sgd_weight_decay.check("step", equation="eq-gradient-descent-decay", points=1)
def the_decayed_step_is_right(student: Student, probe: Probe) -> Evidence:
    """next_w is w - learning_rate * dw - learning_rate * weight_decay * w."""
    drawn = draw(probe)
    rate, decay = probe.between(0.05, 0.2), probe.between(0.1, 0.4)
    config = {"learning_rate": rate, "weight_decay": decay}
    right = _decayed(drawn, rate, decay)
    return step_agrees(student, "sgd_weight_decay", drawn, right, config)


@sgd_weight_decay.check("defaults", equation="eq-gradient-descent-decay", points=1, after=("step",))
def both_defaults_hold(student: Student, probe: Probe) -> Evidence:
    """Without a config, with None or with an empty one, the two defaults are used."""
    drawn = draw(probe)
    config = NO_CONFIG[probe.draw % 3]
    right = _decayed(drawn, 1e-2, 1e-4)
    return step_agrees(student, "sgd_weight_decay", drawn, right, *config)


@sgd_weight_decay.check("config", stage="call", costs=1, after=("step",), draws=2)
def both_numbers_come_back(student: Student, probe: Probe) -> Evidence:
    """The second result is a dict that holds both numbers that were used."""
    given = {"weight_decay": probe.between(0.1, 0.4)} if probe.draw == 0 else {}
    defaults = {"learning_rate": 1e-2, "weight_decay": 1e-4}
    return config_agrees(student, "sgd_weight_decay", draw(probe), given, defaults)


def _decayed(drawn: Drawn, rate: float, decay: float) -> Array:
    """The statement of the variation."""
    w, dw = drawn["w"], drawn["dw"]
    return np.asarray(w - rate * dw - rate * decay * w)
