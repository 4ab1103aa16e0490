"""Several steps of a rule that remembers: where they lead, and what it has kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from checks import contract
from checks.exercises.agree import SLACK, Drawn, one_result, passes, values, with_detail
from checks.exercises.rules import (
    ARGUMENTS,
    NO_CONFIG,
    RESULTS,
    Config,
    Given,
    conduct,
    config_agrees,
    draw,
    shown,
)
from checks.model import Answer, Array, Evidence, Exercise, Probe, Student

SINGLE = SLACK * float(np.finfo(np.float32).eps)
BEFORE = "the next_w of the step before"
WITHOUT = ("without a config", "with None for a config", "with an empty config")


@dataclass(frozen=True)
class Course:
    """Where a parameter starts, and the gradient at each of its steps."""

    w: Array
    dws: tuple[Array, ...]

    def drawn(self, given: Given) -> Drawn:
        """What ``--show-inputs`` prints."""
        dws = {f"dw{i}": dw for i, dw in enumerate(self.dws, 1)}
        return Drawn({"w": self.w, **dws, **shown(given)}, {})


def course(
    probe: Probe, steps: int = 4, *, scale: float = 1.0, shape: Sequence[int] = ()
) -> Course:
    """A cold start and some steps; one entry never has a slope."""
    shape = shape or probe.sizes(1 + probe.draw % 3, high=6)
    dws = [scale * probe.normal(*shape) for _ in range(steps)]
    for dw in dws:
        dw.flat[0] = 0.0
    return Course(probe.normal(*shape), tuple(dws))


@dataclass(frozen=True)
class Rule:
    """A rule for steps and what is right about it.

    Args:
        name: what it is called.
        step: the right one, ``(w, dw, config) -> (next_w, config)``; it fills in defaults.
        odd: for each number in its config the range that odd ones are drawn from.
        state: the keys of what it remembers.
        starts: what a config may hold at first; all but the first cost a remark.
    """

    name: str
    step: Callable[[Array, Array, Mapping[str, object]], tuple[Array, Mapping[str, object]]]
    odd: Mapping[str, tuple[float, float]]
    state: tuple[str, ...]
    starts: tuple[Config, ...] = field(default=({},))

    def numbers(self, probe: Probe, *without: str) -> dict[str, float]:
        """Odd hyper-parameters, which nobody has hard-coded."""
        return {key: probe.between(*ends) for key, ends in self.odd.items() if key not in without}

    def defaults(self) -> dict[str, float]:
        """The hyper-parameters of an empty config."""
        _, config = self.step(np.zeros(1), np.zeros(1), {})
        return {key: float(str(config[key])) for key in self.odd}

    def path(self, along: Course, config: Config) -> tuple[list[Array], Mapping[str, object]]:
        """The right w after each step, and the right config after the last."""
        ws, held = [along.w], dict[str, object](config)
        for dw in along.dws:
            next_w, after = self.step(ws[-1], dw, held)
            ws.append(next_w)
            held = dict(after)
        return ws, held

    def walk(
        self, student: Student, along: Course, given: Given, look: bool = False
    ) -> list[Answer]:
        """Take the steps with the student's rule, up to the first that gives no pair.

        The config stays with the code from step to step, whatever it holds; only the
        last one is brought here, where a ``look`` at it is wanted.
        """
        w, config = along.w, tuple[object, ...](given)
        answers = []
        for i, dw in enumerate(along.dws, 1):
            keep = () if look and i == len(along.dws) else (1,)
            answers.append(student.call(self.name, w, dw, *config, keep=keep, names=ARGUMENTS))
            value = answers[-1].value
            if not isinstance(value, tuple) or len(value) != 2:
                break
            if not isinstance(value[0], np.ndarray):
                break
            w, config = value[0], value[1:]
        return answers

    def agrees(
        self,
        student: Student,
        along: Course,
        given: Given,
        when: str = "",
        tolerance: float | None = None,
    ) -> Evidence:
        """Compare w after each step with the right one."""
        answers = self.walk(student, along, given)
        return self._judged(student, answers, along, given, when, tolerance)

    def _judged(
        self,
        student: Student,
        answers: Sequence[Answer],
        along: Course,
        given: Given,
        when: str,
        tolerance: float | None = None,
    ) -> Evidence:
        """Compare answers with each path that is right, and in float32 where the memory is."""
        configs = [{**_first(given), **start} for start in self.starts]
        seen = [self._along(answers, along, given, config, when, tolerance) for config in configs]
        for which, one in enumerate(seen):
            if passes(one):
                return replace(one, kind="late_start") if which else one
        if seen[0].kind == "value" and self._is_single(student, along, given):
            rough = self._along(answers, along, given, configs[0], when, SINGLE)
            return rough if passes(rough) else seen[0]
        return seen[0]

    def _along(
        self,
        answers: Sequence[Answer],
        along: Course,
        given: Given,
        config: Config,
        when: str,
        tolerance: float | None = None,
    ) -> Evidence:
        """Compare answers with a path, up to the first step that is wrong."""
        ws, _ = self.path(along, config)
        found = [
            one_result(
                answer,
                right,
                function=self.name,
                results=RESULTS,
                of="w",
                start=before,
                tolerance=tolerance,
                drawn=along.drawn(given),
            )
            for answer, before, right in zip(answers, ws, ws[1:], strict=False)
        ]
        for step, seen in enumerate(found, 1):
            if not passes(seen):
                at = f"step {step} of {len(along.dws)}"
                return with_detail(seen, at=f"{at}, {when}" if when else at)
        return found[-1]

    def _is_single(self, student: Student, along: Course, given: Given) -> bool:
        """Whether what the rule remembers is float32, so that its w is no better."""
        answer = student.call(self.name, along.w, along.dws[0], *given, names=ARGUMENTS)
        value = answer.value
        config = value[1] if isinstance(value, tuple) and len(value) == 2 else None
        held = [config.get(key) for key in self.state] if isinstance(config, dict) else []
        return any(isinstance(one, np.ndarray) and one.dtype == np.float32 for one in held)

    def remembers(self, student: Student, along: Course, given: Given, key: str) -> Evidence:
        """Compare one part of the rule's memory after the last step with the right one."""
        answer = self.walk(student, along, given, look=True)[-1]
        config, against = contract.result(answer, self.name, RESULTS, 1)
        if against is None and not (isinstance(config, dict) and key in config):
            keys = tuple(sorted(config)) if isinstance(config, dict) else ()
            against = Evidence("forgot", {"function": self.name, "key": key, "keys": keys})
        arrays, name = along.drawn(given).arrays, f"config[{key!r}]"
        found = []
        for start in self.starts:
            _, held = self.path(along, {**_first(given), **start})
            right = np.asarray(held[key], dtype=np.float64)
            if against is None:
                assert isinstance(config, dict)
                of = "w" if right.shape else ""
                yours, against = contract.numbers(config[key], self.name, name, right.shape, of)
            if against is not None:
                return replace(against, inputs=arrays)
            found.append(values(yours, right, function=self.name, name=name, inputs=arrays))
        steps = len(along.dws)
        at = f"step {steps} of {steps}"
        return next((seen for seen in found if passes(seen)), with_detail(found[0], at=at))

    def conduct(self, student: Student, along: Course, given: Given) -> Evidence:
        """Look at a first step, and at a second one while what the first returned is still here.

        The second begins from the very w that came back; or from another one, and
        then the w that came back serves as its gradient, so that it is watched.
        """
        inputs = along.drawn(given).arrays
        w, (dw, another, *_) = along.w, along.dws
        first = (w, dw, *given)
        seen = conduct(student.call(self.name, *first, names=ARGUMENTS), self.name, inputs)
        for names in (ARGUMENTS, ("w", BEFORE, "config")):
            kept = student.call(self.name, *first, keep=(0, 1), names=ARGUMENTS).value
            if not passes(seen) or not isinstance(kept, tuple) or len(kept) != 2:
                break
            args = (kept[0], another) if names is ARGUMENTS else (w, kept[0])
            again = student.call(self.name, *args, kept[1], names=names)
            seen = conduct(again, self.name, inputs, names)
        return seen

    def take_turns(self, student: Student, one: Course, two: Course, given: Given) -> Evidence:
        """Move two parameters in turn, and compare both."""
        walks: tuple[list[Answer], ...] = ([], [])
        at: list[tuple[object, ...]] = [(one.w, *given), (two.w, *given)]
        for i in range(len(one.dws)):
            for which, along in enumerate((one, two)):
                w, *config = at[which]
                args = (w, along.dws[i], *config)
                answer = student.call(self.name, *args, keep=(1,), names=ARGUMENTS)
                walks[which].append(answer)
                if isinstance(answer.value, tuple) and len(answer.value) == 2:
                    at[which] = answer.value
        when = "with two parameters in turn"
        first = self._judged(student, walks[0], one, given, when)
        return self._judged(student, walks[1], two, given, when) if passes(first) else first


def _first(given: Given) -> Config:
    """The config that is passed, as a dict."""
    return next((part for part in given if part), {})


def add_conduct(exercise: Exercise, rule: Rule) -> None:
    """Ask whose arrays are changed, and what the config holds that comes back."""

    @exercise.check("inputs", stage="mutation", costs=1)
    def _(student: Student, probe: Probe) -> Evidence:
        """A call leaves dw alone, and w and earlier results too, unless w is what it returns."""
        given: Given = (rule.numbers(probe),) if probe.draw else NO_CONFIG[0]
        return rule.conduct(student, course(probe, 2), given)

    @exercise.check("config", stage="call", costs=1, draws=2)
    def _(student: Student, probe: Probe) -> Evidence:
        """The second result is a dict that holds the numbers used, and the rule's memory."""
        given = rule.numbers(probe) if probe.draw == 0 else {}
        numbers = rule.defaults()
        return config_agrees(student, rule.name, draw(probe), given, numbers, rule.state)


def add_memory(exercise: Exercise, rule: Rule, key: str, equation: str, points: int = 0) -> None:
    """Ask for one part of what a rule remembers."""

    @exercise.check(
        key,
        equation=equation,
        points=points,
        costs=0 if points else 1,
        after=("config",),
        draws=2,
        shares="memory",
    )
    def _(student: Student, probe: Probe) -> Evidence:
        """What the rule remembers is right after two steps and after four, from a cold start."""
        steps = 2 if probe.draw == 0 else 4
        return rule.remembers(student, course(probe, steps), (rule.numbers(probe),), key)


def add_steps(
    exercise: Exercise, rule: Rule, equation: str, points: int, after: tuple[str, ...] = ()
) -> None:
    """Ask where the steps lead: with odd numbers, with none, and for two parameters in turn.

    Args:
        points: for the steps and, where these earn any, one more for the defaults.
        after: what the defaults are not asked for without.
    """

    @exercise.check("next_w", equation=equation, points=points)
    def _(student: Student, probe: Probe) -> Evidence:
        """next_w is right at each of four steps from a cold start, with odd hyper-parameters."""
        return rule.agrees(student, course(probe), (rule.numbers(probe),))

    free = 0 if points else 1
    after = ("next_w", *after)

    @exercise.check("defaults", equation=equation, points=1 - free, costs=free, after=after)
    def _(student: Student, probe: Probe) -> Evidence:
        """Without a config, with None or with an empty one, two steps use the defaults."""
        which = probe.draw % 3
        seen = rule.agrees(student, course(probe, 2), NO_CONFIG[which], WITHOUT[which])
        return unremarked(seen)

    @exercise.check("turns", equation=equation, costs=1, after=after)
    def _(student: Student, probe: Probe) -> Evidence:
        """Two parameters, of one shape or of two, moved in turn, do not disturb each other."""
        given: Given = (rule.numbers(probe),) if probe.draw == 0 else NO_CONFIG[probe.draw - 1]
        one = course(probe, 3, shape=probe.sizes(2, high=6))
        other = probe.sizes(3, high=6) if probe.draw == 0 else one.w.shape
        two = course(probe, 3, shape=other)
        return unremarked(rule.take_turns(student, one, two, given))


def add_small_gradients(exercise: Exercise, rule: Rule, equation: str) -> None:
    """For a rule that divides: ask for gradients as small as the default epsilon."""

    @exercise.check(
        "small gradients", stage="stability", equation=equation, costs=1, after=("next_w",)
    )
    def _(student: Student, probe: Probe) -> Evidence:
        """Gradients of 1e-8, the size of the default epsilon, give the right steps, too."""
        given = rule.numbers(probe, "epsilon")
        along = course(probe, scale=1e-8)
        return unremarked(rule.agrees(student, along, (given,), "gradients of 1e-8"))


def unremarked(seen: Evidence) -> Evidence:
    """The same without a remark, which another check has made already."""
    return replace(seen, kind="value") if seen.kind == "late_start" else seen
