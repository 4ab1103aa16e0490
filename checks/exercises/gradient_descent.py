"""What the chapter "gradient-descent" asks for, as checks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result
from checks.model import Answer, Array, Evidence, Exercise, Probe, Student
from reference import optim

RESULTS = ("next_w", "config")

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


def draw(probe: Probe) -> Drawn:
    """A parameter with one, two or three axes, and a gradient that is not small."""
    shape = probe.sizes(1 + probe.draw % 3, high=6)
    return Drawn({"w": probe.normal(*shape), "dw": probe.normal(*shape)}, {})


def step_agrees(
    student: Student, rule: str, drawn: Drawn, right: Array, *config: Mapping[str, float] | None
) -> Evidence:
    """Compare next_w after one step, the arguments being passed by position."""
    answer = student.call(rule, drawn["w"], drawn["dw"], *config, names=("w", "dw", "config"))
    return one_result(
        answer,
        right,
        function=rule,
        results=RESULTS,
        of="w",
        start=drawn["w"],
        drawn=Drawn({**drawn.arrays, **_shown(config)}, drawn.sizes),
    )


def _shown(config: tuple[Mapping[str, float] | None, ...]) -> dict[str, Array]:
    """The config among the inputs that ``--show-inputs`` prints."""
    return {f"config[{k!r}]": np.asarray(v) for part in config for k, v in (part or {}).items()}


def _refs(drawn: Drawn, config: dict[str, float]) -> Array:
    return np.asarray(optim.sgd(drawn["w"].copy(), drawn["dw"].copy(), config)[0])


@sgd.check("inputs", stage="mutation", costs=1)
def dw_is_left_alone(student: Student, probe: Probe) -> Evidence:
    """A call leaves dw alone, and w too unless w itself is what it returns."""
    drawn = draw(probe)
    config = {"learning_rate": probe.between(0.05, 0.2)}
    answer = student.call("sgd", drawn["w"], drawn["dw"], config, names=("w", "dw", "config"))
    arguments = ("dw",) if _in_place(answer) else ("w", "dw")
    return contract.leaves_alone(answer, "sgd", arguments, drawn.arrays)


def _in_place(answer: Answer) -> bool:
    """Whether the first result is w itself: a rule may update w in place and return it."""
    return any(
        result in ("result", "result 0") and argument == "w" for result, argument in answer.shares
    )


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
    config: tuple[Mapping[str, float] | None, ...] = ((), (None,), ({},))[probe.draw % 3]
    return step_agrees(student, "sgd", drawn, _refs(drawn, {"learning_rate": 1e-2}), *config)


@sgd.check("config", stage="call", costs=1, after=("step",), draws=2)
def config_comes_back(student: Student, probe: Probe) -> Evidence:
    """The second result is a dict that holds the learning rate that was used."""
    given = {"learning_rate": probe.between(0.05, 0.2)} if probe.draw == 0 else {}
    return config_agrees(student, "sgd", draw(probe), given, {"learning_rate": 1e-2})


def config_agrees(
    student: Student,
    rule: str,
    drawn: Drawn,
    given: dict[str, float],
    defaults: Mapping[str, float],
) -> Evidence:
    """Look at whether the config that comes back holds what was given, else the defaults."""
    names = ("w", "dw", "config")
    answer = student.call(rule, drawn["w"], drawn["dw"], dict(given), names=names)
    value, against = contract.result(answer, rule, RESULTS, 1)
    if against is not None:
        return against
    detail: dict[str, object] = {"function": rule, "dict": isinstance(value, dict)}
    for key, asked in {**defaults, **given}.items():
        held = value.get(key) if isinstance(value, dict) else None
        detail.update(key=key, used=asked, held=held)
        if not isinstance(held, int | float) or abs(held - asked) > 1e-6 * asked:
            return Evidence("config", detail, 1.0, 0.5, drawn.arrays)
    return Evidence("config", detail, 0.0, 0.5, drawn.arrays)


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
    config: tuple[Mapping[str, float] | None, ...] = ((), (None,), ({},))[probe.draw % 3]
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
