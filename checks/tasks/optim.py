"""The tasks of "momentum" and "adam": a step that looks ahead, and an Adam that fades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from checks.exercises.walks import Rule, add_conduct, add_memory, add_steps
from checks.model import Array, Exercise
from checks.tasks.task import Constants, Part, Task, filled, steps

Step = tuple[Array, Mapping[str, object]]

# Momentum that looks ahead

INSIDE, OUTSIDE = "momentum * v - learning_rate * dw", "momentum * v + dw"
FADED = "momentum * v + (1 - momentum) * dw"


def judge_blended(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """A velocity, and a step that mixes it with the gradient of now."""

    def step(w: Array, dw: Array, config: Mapping[str, Any]) -> Step:
        given = {"learning_rate": drawn.rate, "momentum": drawn.momentum}
        known = {**given, "velocity": np.zeros_like(w), **config}
        rate, mu, v = known["learning_rate"], known["momentum"], known["velocity"]
        v = {
            INSIDE: mu * v - rate * dw,
            OUTSIDE: mu * v + dw,
            FADED: mu * v + (1 - mu) * dw,
        }[drawn.velocity]
        if drawn.velocity == INSIDE:
            return w + drawn.ahead * v - drawn.fresh * rate * dw, {**known, "velocity": v}
        return w - rate * (drawn.ahead * v + drawn.fresh * dw), {**known, "velocity": v}

    odd = {"learning_rate": (0.05, 0.2), "momentum": (0.6, 0.8)}
    rule = Rule(parts[0].name, step, odd, ("velocity",))
    add_conduct(parts[0], rule)
    add_memory(parts[0], rule, "velocity", "eq-momentum-nesterov", 1)
    add_steps(parts[0], rule, "eq-momentum-nesterov", 2)


def words_blended(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    a, f = drawn.ahead, drawn.fresh
    if drawn.velocity == INSIDE:
        return {"step": f"{a} * v - {f} * learning_rate * dw"}
    return {"step": f"-learning_rate * ({a} * v + {f} * dw)"}


BLENDED = Task(
    "blended_momentum",
    chapter="momentum",
    choices={
        "velocity": (INSIDE, OUTSIDE, FADED),
        "ahead": steps(0.55, 1.45, 0.05, without=(1.0,)),
        "fresh": steps(0.15, 0.95, 0.05),
        "rate": (*steps(0.003, 0.009, 0.001), *steps(0.02, 0.09, 0.01)),
        "momentum": steps(0.72, 0.97, 0.01, without=(0.9,)),
    },
    parts=(
        Part(
            "blended_momentum",
            statement="v = {velocity}, and a step {step}",
            minutes=15,
            stub='''\
def blended_momentum(w, dw, config=None):
    """Take one step that mixes a velocity with the gradient of now.

    The velocity v becomes

        {velocity}

    and is kept. With that new v, w moves by

        {step}

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate ({rate} where it is missing) and
            momentum ({momentum}), and what the rule remembers: velocity, the
            shape of w (zeros where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds all three.
    """
    raise NotImplementedError
''',
            hints=(
                "dw goes in twice: once into the velocity, once more into the step. Which way does "
                "a positive velocity point here, up or down?",
                "eq-momentum-nesterov mixes the two with factors of its own; the velocity that is "
                "kept is v, not the step.",
            ),
        ),
    ),
    judge=judge_blended,
    words=words_blended,
)


# Adam that fades

SQUARED, AROUND = "dw^2", "(dw - m)^2"
M, V = "m is divided by (1-beta1^t) first", "v is divided by (1-beta2^t) first"
BOTH, ONLY_M, ONLY_V = "m and v", "m alone", "v alone"
CORRECTED = {
    BOTH: f"{M}, and {V.replace('is divided ', '').replace(' first', '')}",
    ONLY_M: f"{M}, and v is taken as it is",
    ONLY_V: f"{V}, and m is taken as it is",
}
WITH_RATE, BY_ITSELF = "learning_rate * weight_decay * w", "weight_decay * w"
BEHIND, UNDER = "(sqrt(v) + epsilon)", "sqrt(v + epsilon)"


def judge_fading(drawn: Constants, parts: Sequence[Exercise]) -> None:
    """Adam, with each of its choices made once more, and weights that fade."""
    numbers = ("beta1", "beta2", "weight_decay")

    def step(w: Array, dw: Array, config: Mapping[str, Any]) -> Step:
        given = {name: getattr(drawn, name) for name in numbers}
        known = {"learning_rate": drawn.rate, **given, "epsilon": 1e-8, "t": 0, **config}
        b1, b2, t = known["beta1"], known["beta2"], known["t"] + 1
        m = b1 * known.get("m", np.zeros_like(w)) + (1 - b1) * dw
        square = dw**2 if drawn.square == SQUARED else (dw - m) ** 2
        v = b2 * known.get("v", np.zeros_like(w)) + (1 - b2) * square
        m_hat = m if drawn.corrected == ONLY_V else m / (1 - b1**t)
        v_hat = v if drawn.corrected == ONLY_M else v / (1 - b2**t)
        eps = known["epsilon"]
        size = np.sqrt(v_hat) + eps if drawn.size == BEHIND else np.sqrt(v_hat + eps)
        fade = known["weight_decay"] * w
        if drawn.fade == WITH_RATE:
            fade = known["learning_rate"] * fade
        next_w = w - known["learning_rate"] * m_hat / size - fade
        return next_w, {**known, "m": m, "v": v, "t": t}

    odd = {
        "learning_rate": (0.05, 0.2),
        "beta1": (0.81, 0.85),
        "beta2": (0.69, 0.73),
        "epsilon": (0.02, 0.04),
        "weight_decay": (0.1, 0.4),
    }
    rule = Rule(parts[0].name, step, odd, ("m", "v", "t"))
    add_conduct(parts[0], rule)
    for key in rule.state:
        add_memory(parts[0], rule, key, "eq-adam-decoupled")
    add_steps(parts[0], rule, "eq-adam-decoupled", 2)


def words_fading(drawn: Constants) -> dict[str, str]:
    """The statement of a version."""
    new = "; the m in the second is the new one" if drawn.square == AROUND else ""
    text = f"Both are kept so{new}. In the step, {CORRECTED[drawn.corrected]}; then w becomes"
    return {"kept": filled(text)}


FADING = Task(
    "fading_adam",
    chapter="adam",
    choices={
        "square": (SQUARED, AROUND),
        "corrected": (BOTH, ONLY_M, ONLY_V),
        "size": (BEHIND, UNDER),
        "fade": (WITH_RATE, BY_ITSELF),
        "rate": (*steps(0.002, 0.009, 0.001), *steps(0.02, 0.05, 0.01)),
        "beta1": steps(0.81, 0.96, 0.01, without=(0.9,)),
        "beta2": steps(0.971, 0.997, 0.002),
        "weight_decay": steps(0.02, 0.09, 0.01),
    },
    parts=(
        Part(
            "fading_adam",
            statement="Adam over {size}, v of {square}, {corrected} corrected; less {fade}",
            minutes=20,
            stub='''\
def fading_adam(w, dw, config=None):
    """Take one step of an Adam that differs, and shrink w besides.

    t goes up by one first. Then

        m becomes beta1 * m + (1 - beta1) * dw
        v becomes beta2 * v + (1 - beta2) * {square}

    {kept}

        w - learning_rate * m / {size}
          - {fade}

    with the w that came in on the right.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate ({rate} where it is missing), beta1
            ({beta1}), beta2 ({beta2}), epsilon (1e-8), weight_decay ({weight_decay}),
            and what the rule remembers: m, v (zeros where they are missing)
            and t (0).

    Returns:
        (next_w, config): the parameter after the step, and the dict, which
        now holds all eight.
    """
    raise NotImplementedError
''',
            hints=(
                "m and v are kept uncorrected. Which of them does the step correct, and by what in "
                "the very first step?",
                "eq-adam-decoupled is the one of the book: compare it with yours piece by piece, "
                "what v averages, what is corrected, where epsilon stands, and what fades.",
            ),
        ),
    ),
    judge=judge_fading,
    words=words_fading,
)
