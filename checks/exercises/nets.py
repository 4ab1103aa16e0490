"""Nets as pure functions of their parameters: what is drawn for them, and what is right."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

import reference
from checks import contract
from checks.exercises.agree import Drawn, in_single_precision, one_result, passes, with_detail
from checks.exercises.layers import measured_slope
from checks.model import Answer, Array, Code, Evidence, Foreign, Probe, Student

LAYERS = (  # passes that share a cache go together
    ("affine_forward", "affine_backward"),
    ("relu_forward", "relu_backward"),
    ("affine_relu_forward", "affine_relu_backward"),
    ("softmax_loss",),
)
NAMES = ("settings", "params", "X", "y")
RESULTS = ("loss", "grads")
EXAMPLES = ((2, 3), (5,), (2, 2, 2))  # the shape of one example, draw by draw
SINGLE = 300 * float(np.finfo(np.float32).eps)


@cache
def book(without: tuple[str, ...] = ()) -> Code:
    """The book's own layers as text, to take the place of all of theirs or of all but some."""
    names = [name for layer in LAYERS for name in layer]
    texts = [inspect.getsource(getattr(reference, name)) for name in names]
    return Code("\n\n".join(texts), " ".join(name for name in names if name not in without))


@dataclass(frozen=True)
class Batch:
    """One draw: sizes, settings, parameters off the kinks, and a batch with labels."""

    sizes: Mapping[str, int]
    reg: float
    params: Mapping[str, Array]
    X: Array
    y: Array

    @property
    def settings(self) -> dict[str, object]:
        """What the net is built with."""
        n = self.sizes
        return {"input_dim": n["D"], "hidden_dim": n["H"], "num_classes": n["C"], "reg": self.reg}

    @property
    def drawn(self) -> Drawn:
        """The same as inputs to be shown."""
        reg = {"reg": np.asarray(self.reg)}
        return Drawn({"X": self.X, "y": self.y, **self.params, **reg}, self.sizes)

    def net(self, reg: float | None = None) -> reference.TwoLayerNet:
        """The book's net with these parameters."""
        n = self.sizes
        net = reference.TwoLayerNet(n["D"], n["H"], n["C"], reg=self.reg if reg is None else reg)
        net.params.update({name: value.copy() for name, value in self.params.items()})
        return net


def draw(probe: Probe, reg: float, turn: int = 0) -> Batch:
    """A batch and parameters with N, D, H and C pairwise different.

    Biases are not zero, and some hidden units are live and some dead for every
    example, none so near its kink that a nudge would take it across; some scores are
    negative, so that a ReLU too many shows. Every number fits float32, so that code
    which works in single precision loses nothing at the door.
    """
    example = EXAMPLES[(probe.draw + turn) % len(EXAMPLES)]
    d = int(np.prod(example))
    n, h, c = probe.sizes(3, low=4, high=9, avoid=[d])
    while True:
        X = _single(probe.normal(n, *example))
        W1, b1 = _single(0.6 * probe.normal(d, h)), _single(0.5 * probe.normal(h))
        W2, b2 = _single(0.6 * probe.normal(h, c)), _single(0.5 * probe.normal(c))
        z = X.reshape(n, -1) @ W1 + b1
        live = z > 0
        scores = np.where(live, z, 0) @ W2 + b2
        mixed = live.any(axis=1).all() and not live.all(axis=1).any()
        if mixed and np.abs(z).min() > 0.01 and 0.2 < (scores < 0).mean() < 0.8:
            break
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    sizes = {"N": n, "D": d, "H": h, "C": c}
    return Batch(sizes, reg, params, X, probe.labels(n, c))


def _single(a: Array) -> Array:
    return a.astype(np.float32).astype(np.float64)


@dataclass(frozen=True)
class Net:
    """A class of nets under judgement.

    Args:
        name: of the class.
    """

    name: str

    @property
    def loss(self) -> str:
        """What its method is called, in calls and in sentences."""
        return f"{self.name}.loss"

    def ask(
        self, student: Student, batch: Batch, labels: bool = True, instead: Code | None = None
    ) -> Answer:
        """Ask a net with the drawn parameters for scores, or for the loss and its gradients."""
        y = batch.y if labels else None
        params = dict(batch.params)
        return student.call(
            self.loss, batch.settings, params, batch.X, y, names=NAMES, instead=instead
        )

    def scores_agree(self, student: Student, batch: Batch) -> Evidence:
        """Compare the scores with the reference's."""
        right = np.asarray(batch.net().loss(batch.X))

        def look(instead: Code | None) -> Evidence:
            answer = self.ask(student, batch, labels=False, instead=instead)
            return self._compared(student, batch, answer, right, ("scores",))

        return self._with_book_layers(look)

    def loss_agrees(self, student: Student, batch: Batch) -> Evidence:
        """Compare the loss with the reference's."""
        right, data = (batch.net(reg).loss(batch.X, batch.y)[0] for reg in (batch.reg, 0.0))

        def look(instead: Code | None) -> Evidence:
            answer = self.ask(student, batch, instead=instead)
            seen = self._compared(student, batch, answer, np.asarray(right), RESULTS)
            if batch.reg and "yours" in seen.detail:
                term = float(str(seen.detail["yours"])) - data
                seen = with_detail(seen, term=term, asked_term=float(right - data))
            return seen

        return self._with_book_layers(look)

    def gradient_agrees(self, student: Student, batch: Batch, key: str) -> Evidence:
        """Compare one gradient with the reference's, and show the slope of their own loss."""
        loss, grads = batch.net().loss(batch.X, batch.y)
        name = f"grads[{key!r}]"

        def look(instead: Code | None) -> Evidence:
            answer = self.ask(student, batch, instead=instead)
            part, against = self._entry(answer, key, np.shape(grads[key]))
            if against is not None:
                return replace(against, inputs=batch.drawn.arrays)
            return self._compared(student, batch, part, grads[key], (name,), of=key)

        seen = self._with_book_layers(look)
        if passes(seen) or seen.kind != "value":
            return seen
        own = self.ask(student, batch)
        if passes(self._compared(student, batch, own, np.asarray(loss), RESULTS)):
            slope = self._slope(student, batch, key, seen.detail["index"])
            seen = seen if slope is None else with_detail(seen, slope=slope)
        part, _ = self._entry(own, key, np.shape(grads[key]))
        return with_detail(seen, **_share(part.value, grads[key], batch, key))

    def leaves_alone(self, student: Student, batch: Batch) -> Evidence:
        """Look at whether the loss changes its parameters or its batch."""

        def look(instead: Code | None) -> Evidence:
            answer = self.ask(student, batch, instead=instead)
            given = ("params", "X", "y")
            return contract.leaves_alone(answer, self.loss, given, batch.drawn.arrays)

        return self._with_book_layers(look)

    def same_again(self, student: Student, batch: Batch, other: Batch) -> Evidence:
        """Look at whether a net answers alike after another batch went through it."""
        X = other.X.reshape(len(other.X), -1)
        X = np.resize(X, (len(X), *batch.X.shape[1:]))
        y = other.y % batch.sizes["C"]
        args = (batch.settings, dict(batch.params), batch.X, batch.y, X, y)
        answer = student.call(f"{self.name}.loss_again", *args)
        if answer.problem is not None:
            return contract.from_problem(answer.problem, self.loss)
        both = answer.value if isinstance(answer.value, tuple) else ()
        far = contract.distance(*both) if len(both) == 2 else np.inf
        return Evidence("unsteady", {"function": self.loss}, far, 1e-4, batch.drawn.arrays)

    def _compared(
        self,
        student: Student,
        batch: Batch,
        answer: Answer,
        right: Array,
        results: tuple[str, ...],
        of: str = "",
    ) -> Evidence:
        def compared(tolerance: float | None) -> Evidence:
            return one_result(
                answer,
                right,
                function=self.loss,
                results=results,
                of=of,
                drawn=batch.drawn,
                tolerance=tolerance,
            )

        seen = compared(None)
        if seen.kind == "value" and not passes(seen) and self._works_in_single(student, batch):
            return compared(SINGLE)
        return seen

    def _works_in_single(self, student: Student, batch: Batch) -> bool:
        """Whether their scores are float32 numbers, whatever the loss is added up in."""
        scores = self.ask(student, batch, labels=False).value
        return isinstance(scores, np.ndarray) and in_single_precision(scores)

    def _entry(
        self, answer: Answer, key: str, shape: tuple[int, ...]
    ) -> tuple[Answer, Evidence | None]:
        """Take one gradient out of an answer, as an answer of its own."""
        value, against = contract.result(answer, self.loss, RESULTS, 1)
        if against is not None:
            return answer, against
        about = {"function": self.loss, "name": "grads"}
        if not isinstance(value, dict):
            found = value.type_name if isinstance(value, Foreign) else type(value).__name__
            return answer, Evidence("type", {**about, "type": found, "shape": "dict"})
        if key not in value:
            return answer, Evidence("keys", {**about, "missing": (key,), "got": tuple(value)[:8]})
        part, about["name"] = value[key], f"grads[{key!r}]"
        if part is None:
            return answer, Evidence("result_none", about)
        if isinstance(part, tuple):
            return answer, Evidence("type", {**about, "type": "tuple", "shape": shape})
        return replace(answer, value=part), None

    def _slope(self, student: Student, batch: Batch, key: str, index: object) -> float | None:
        assert isinstance(index, tuple)
        args = [batch.settings, dict(batch.params), batch.X, batch.y]
        return measured_slope(student, self.loss, args, (1, key), index, None)

    def _with_book_layers(self, look: Callable[[Code | None], Evidence]) -> Evidence:
        """Judge with the student's layers; where that fails, say whether the book's would help."""
        seen = _needed(look(None), self.name)
        if passes(seen) or seen.detail.get("problem") in ("missing", "not_started"):
            return seen
        if not passes(look(book())):
            return seen
        wrong = [layer for layer in LAYERS if not passes(look(book(without=layer)))]
        names = tuple(name for layer in wrong for name in layer)
        return with_detail(seen, right_with=names) if names else seen


def _needed(seen: Evidence, name: str) -> Evidence:
    """Tell a net that calls a function which is still a stub from a net that is one itself."""
    who = str(seen.detail.get("function", ""))
    if seen.detail.get("problem") != "not_started" or who.partition(".")[0] == name:
        return seen
    detail = {"function": f"{name}.loss", "needs": who, "where": seen.detail.get("where", "")}
    return Evidence("needs", detail, inputs=seen.inputs)


@np.errstate(all="ignore")  # a stranger's numbers may be as large as they like
def _share(yours: object, right: Array, batch: Batch, key: str) -> dict[str, object]:
    """How many times reg * the parameter is in a gradient, where that is all that is wrong."""
    step = batch.reg * batch.params[key]
    if not batch.reg or not isinstance(yours, np.ndarray) or yours.shape != right.shape:
        return {}
    asked = 1.0 if key.startswith("W") else 0.0
    rest = yours - right
    share = float((rest * step).sum() / (step * step).sum())
    if np.linalg.norm(rest - share * step) > 1e-6 * np.linalg.norm(rest):
        return {}
    return {"share": share + asked, "parameter": key}
