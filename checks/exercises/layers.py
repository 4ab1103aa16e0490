"""A forward and a backward pass judged together, so that a mistake is not counted twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checks import contract
from checks.beside.slopes import part_of
from checks.exercises.agree import Drawn, one_result, passes, turned
from checks.model import Answer, Array, Evidence, Handle, Path, Probe, Student
from checks.recall import afresh, is_last

STEP = 1e-4  # of a measured slope that is shown: good to more digits than are printed
TOO_LARGE = 1e6  # beside such an argument it is not


@dataclass(frozen=True)
class Layer:
    """A pair of passes: what they are called, and what is right.

    Args:
        forward, backward: the names of the two functions.
        arguments: of the forward pass, in order.
        gradients: what the backward pass returns, in order.
        out: the right forward pass, without its cache.
        pull: the right backward pass, ``(dout, *arguments) -> gradients``.
        cache: what the documented cache holds, in words; by default the arguments.
        documented: makes it, where it is not the tuple of the arguments.
        lends_dout: whether the backward pass may use ``dout`` up.
        on_the_way: what the right forward pass makes before out, by name.
    """

    forward: str
    backward: str
    arguments: tuple[str, ...]
    gradients: tuple[str, ...]
    out: Callable[..., Array]
    pull: Callable[..., Sequence[Array]]
    cache: str = ""
    documented: Callable[[Student, Drawn], object] | None = None
    lends_dout: bool = False
    on_the_way: Callable[..., dict[str, Array]] | None = None

    def args(self, drawn: Drawn) -> list[Any]:
        """The arguments of the forward pass; what has no axes is a plain number."""
        return self._plain(drawn.arrays)

    def _plain(self, arrays: Mapping[str, Array]) -> list[Any]:
        given = [arrays[name] for name in self.arguments]
        return [one if one.ndim else one.item() for one in given]

    def forward_results(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """What the forward pass gives for these arguments, and what it makes on the way."""
        given = self._plain(arrays)
        return {"out": self.out(*given), **(self.on_the_way(*given) if self.on_the_way else {})}

    def all_results(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """What both passes give for these arguments, and for dout, by name."""
        given = self._plain(arrays)
        gradients = self.pull(arrays["dout"], *given)
        found = dict(zip(self.gradients, map(np.asarray, gradients), strict=True))
        return {"out": self.out(*given), **found}

    @property
    def cache_in_words(self) -> str:
        """What the documented cache holds."""
        return self.cache or ", ".join(self.arguments)

    def documented_cache(self, student: Student, drawn: Drawn) -> object:
        """The cache that the book's forward pass hands back."""
        if self.documented is not None:
            return self.documented(student, drawn)
        return tuple(self.args(drawn))

    def forward_part(self, drawn: Drawn) -> Drawn:
        """What the forward pass sees of a draw."""
        return Drawn({name: drawn[name] for name in self.arguments}, drawn.sizes)

    def run_forward(self, student: Student, drawn: Drawn) -> Answer:
        """Run the student's forward pass; its cache stays with the code."""
        return student.call(self.forward, *self.args(drawn), keep=(1,), names=self.arguments)

    def run_backward(self, student: Student, drawn: Drawn, cache: object) -> Answer:
        """Run the student's backward pass on a cache."""
        return student.call(self.backward, drawn["dout"], cache, names=("dout", "cache"))

    def cache_of(self, answer: Answer) -> Handle | None:
        """The student's own cache, where their forward pass gave one."""
        value = answer.value
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Handle):
            return value[1]
        return None

    def forward_agrees(self, student: Student, drawn: Drawn) -> Evidence:
        """Compare the student's out with the right one."""
        return self._judged(self.run_forward(student, drawn), drawn)

    def _judged(self, run: Answer, drawn: Drawn) -> Evidence:
        return one_result(
            run,
            self.out(*self.args(drawn)),
            function=self.forward,
            results=("out", "cache"),
            drawn=self.forward_part(drawn),
            rule=self.forward_results,
        )

    def right_gradients(self, drawn: Drawn) -> Sequence[Array]:
        """What the right backward pass returns."""
        if self not in drawn.known:
            drawn.known[self] = self.pull(drawn["dout"], *self.args(drawn))
        found: Sequence[Array] = drawn.known[self]
        return found

    def backward_agrees(self, student: Student, drawn: Drawn, which: int) -> Evidence:
        """Compare one of the student's gradients with the right one, carrying forward.

        It is judged on the student's own cache where their forward pass is right;
        elsewhere on the documented one, and on their own if that does not fit.
        """
        right = np.asarray(self.right_gradients(drawn)[which])
        run = self.run_forward(student, drawn)
        own = self.cache_of(run)
        forward_is_right = own is not None and passes(self._judged(run, drawn))

        def judge(cache: object) -> Evidence:
            return one_result(
                self.run_backward(student, drawn, cache),
                right,
                function=self.backward,
                results=self.gradients,
                which=which,
                of=self.arguments[which],
                drawn=drawn,
                rule=self.all_results,
            )

        if forward_is_right:
            seen = judge(own)
            if seen.measured > seen.bound or seen.kind != "value":
                documented = judge(self.documented_cache(student, drawn))
                seen = self._explain(student, drawn, which, seen, documented)
            return seen
        seen = judge(self.documented_cache(student, drawn))
        if not passes(seen) and own is not None:
            other = judge(own)
            if passes(other) or seen.kind == "problem" != other.kind:
                return other
        return replace(seen, detail={**seen.detail, "cache": self.cache_in_words})

    def leaves_alone(self, student: Student, drawn: Drawn) -> Evidence:
        """Look at whether the forward pass changes one of its arguments."""
        run = self.run_forward(student, drawn)
        given = self.forward_part(drawn).arrays
        return contract.leaves_alone(run, self.forward, self.arguments, given)

    def backward_leaves_alone(self, student: Student, drawn: Drawn) -> Evidence:
        """Look at whether the backward pass changes dout or the cache.

        Where dout is lent, it may be written into: that is a remark.
        """
        answer, _ = self.run_both(student, drawn)
        kept = ("cache",) if self.lends_dout else ("dout", "cache")
        seen = contract.leaves_alone(answer, self.backward, kept, drawn.arrays)
        if passes(seen) and any(name.startswith("dout") for name in answer.changed):
            return replace(seen, kind="in_place", detail={**seen.detail, "changed": ("dout",)})
        return seen

    def same_again(
        self, student: Student, probe: Probe, drawn: Drawn, draw: Callable[[Probe, int], Drawn]
    ) -> Evidence:
        """Look at whether the backward pass depends on its arguments alone.

        In between, both passes see another batch: a cache kept in a global variable, or a
        gradient that is added to the last one, shows there. In the first draw it has other
        shapes, and in the rest the same: some code keeps what fits. Where there is no forward
        pass of theirs, and a check before this one has sent another batch, that one will do.
        """
        first, cache = self.run_both(student, drawn)
        will_do = not isinstance(cache, Handle) and not is_last(student)
        once_more = afresh(student)
        if not will_do:
            other = alike(drawn) if probe.draw else draw(probe, 1)
            self.run_both(once_more, other)
        second = self.run_backward(once_more, drawn, cache)
        return contract.same_again(self.backward, first, second, drawn.arrays)

    def run_both(self, student: Student, drawn: Drawn) -> tuple[Answer, object]:
        """Run the backward pass on the student's own cache, or on the documented one.

        Returns:
            What came of it, and the cache: the documented one where theirs does not serve.
        """
        own = self.cache_of(self.run_forward(student, drawn))
        if own is not None:
            answer = self.run_backward(student, drawn, own)
            if answer.problem is None:
                return answer, own
        documented = self.documented_cache(student, drawn)
        return self.run_backward(student, drawn, documented), documented

    def _explain(
        self, student: Student, drawn: Drawn, which: int, seen: Evidence, documented: Evidence
    ) -> Evidence:
        """Add the measured slope of the student's own forward pass, and the cache's part."""
        detail = dict(seen.detail)
        if passes(documented):
            detail["right_on"] = self.cache_in_words
            detail["forward"] = self.forward
        if seen.kind == "value" and all(np.abs(a).max() < TOO_LARGE for a in self.args(drawn)):
            index = seen.detail["index"]
            assert isinstance(index, tuple)
            slope = measured_slope(
                student, self.forward, self.args(drawn), which, index, drawn["dout"]
            )
            if slope is not None:
                detail.update(slope=slope, forward=self.forward)
        return replace(seen, detail=detail)


def alike(drawn: Drawn) -> Drawn:
    """Another batch with the shapes of this one."""
    return Drawn({name: turned(a) for name, a in drawn.arrays.items()}, drawn.sizes)


def measured_slope(
    student: Student,
    function: str,
    args: Sequence[object],
    place: Path,
    index: tuple[int, ...],
    weigh: Array | None,
    take: int = 0,
) -> float | None:
    """The slope of the student's own function along one entry; None where it has none."""
    direction = np.zeros(np.shape(part_of(args, place)))
    direction[index] = 1.0
    answer = student.slopes(
        function, args, {place: direction}, (STEP, -STEP), weigh=weigh, take=take
    )
    psi = answer.value
    if answer.problem is not None or not isinstance(psi, np.ndarray) or psi.shape != (2,):
        return None
    slope = float((psi[0] - psi[1]) / (2 * STEP))
    return slope if np.isfinite(slope) else None
