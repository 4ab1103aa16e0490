"""One step of a rule: where w goes, whose arrays are changed, and which config comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from checks import contract
from checks.exercises.agree import Drawn, one_result
from checks.model import Answer, Array, Evidence, Probe, Student

RESULTS = ("next_w", "config")
ARGUMENTS = ("w", "dw", "config")

Config = Mapping[str, float]
Given = tuple[Config | None, ...]  # what is passed after dw: nothing, None or a dict
NO_CONFIG: tuple[Given, ...] = ((), (None,), ({},))


def draw(probe: Probe) -> Drawn:
    """A parameter with one, two or three axes, and a gradient that is not small."""
    shape = probe.sizes(1 + probe.draw % 3, high=6)
    return Drawn({"w": probe.normal(*shape), "dw": probe.normal(*shape)}, {})


def step_agrees(
    student: Student, rule: str, drawn: Drawn, right: Array, *config: Config | None
) -> Evidence:
    """Compare next_w after one step, the arguments being passed by position."""
    return one_result(
        student.call(rule, drawn["w"], drawn["dw"], *config, names=ARGUMENTS),
        right,
        function=rule,
        results=RESULTS,
        of="w",
        start=drawn["w"],
        drawn=Drawn({**drawn.arrays, **shown(config)}, drawn.sizes),
    )


def shown(config: Given) -> dict[str, Array]:
    """The config among the inputs that ``--show-inputs`` prints."""
    return {f"config[{k!r}]": np.asarray(v) for part in config for k, v in (part or {}).items()}


def conduct(
    answer: Answer,
    rule: str,
    inputs: Mapping[str, object],
    names: tuple[str, str, str] = ARGUMENTS,
) -> Evidence:
    """Look at whether dw was changed, or a w that is not what came back.

    A rule may update w in place, as long as w itself is what it returns.
    """
    in_place = any(
        result in ("result", "result 0") and argument == "w" for result, argument in answer.shares
    )
    return contract.leaves_alone(answer, rule, names[1:2] if in_place else names[:2], inputs)


def config_agrees(
    student: Student,
    rule: str,
    drawn: Drawn,
    given: Config,
    defaults: Config,
    memory: Sequence[str] = (),
) -> Evidence:
    """Look at whether the config that comes back holds what was given, else the defaults.

    Args:
        memory: further keys that it must have.
    """
    answer = student.call(rule, drawn["w"], drawn["dw"], dict(given), names=ARGUMENTS)
    value, against = contract.result(answer, rule, RESULTS, 1)
    if against is not None:
        return replace(against, inputs=drawn.arrays)
    detail: dict[str, object] = {"function": rule, "dict": isinstance(value, dict)}
    if not isinstance(value, dict):
        return Evidence("config", detail, 1.0, 0.5, drawn.arrays)
    for key, asked in {**defaults, **given}.items():
        held = value.get(key)
        detail.update(key=key, used=asked, held=held)
        if not isinstance(held, int | float) or abs(held - asked) > 1e-6 * asked:
            return Evidence("config", detail, 1.0, 0.5, drawn.arrays)
    for key in memory:
        if key not in value:
            more = {"function": rule, "key": key, "keys": tuple(sorted(value))}
            return Evidence("forgot", more, 1.0, 0.5, drawn.arrays)
    return Evidence("config", detail, 0.0, 0.5, drawn.arrays)
