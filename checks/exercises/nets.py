"""Nets as pure functions of their parameters: what is drawn for them, and what is right."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np

import reference
from checks import contract
from checks.exercises.agree import (
    Drawn,
    in_single_precision,
    one_result,
    passes,
    turned,
    with_detail,
)
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
SURE = 8  # standard deviations: a right draw lies outside with a probability below 1e-14


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
    bare: bool = False  # whether the net is left to its own default of reg

    @property
    def settings(self) -> dict[str, object]:
        """What the net is built with."""
        n = self.sizes
        sizes = {"input_dim": n["D"], "hidden_dim": n["H"], "num_classes": n["C"]}
        return sizes | self._reg

    @property
    def _reg(self) -> dict[str, object]:
        return {} if self.bare else {"reg": self.reg}

    @property
    def drawn(self) -> Drawn:
        """The same as inputs to be shown."""
        reg = {"reg": np.asarray(self.reg)}
        return Drawn({"X": self.X, "y": self.y, **self.params, **reg}, self.sizes)

    def results(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """What the book's net gives for a batch and parameters like these, by name."""
        params = {name: given[name] for name in self.params}
        net = replace(self, params=params).net(float(given["reg"]))
        loss, grads = net.loss(given["X"], given["y"])
        named = {f"grads[{name!r}]": value for name, value in grads.items()}
        scores = np.asarray(net.loss(given["X"]))
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        made = {"softmax(scores)": p / p.sum(axis=1, keepdims=True)}
        made["scores.argmax(axis=1)"] = scores.argmax(axis=1)
        return {"scores": scores, "loss": np.asarray(loss), **named, **made}

    def net(self, reg: float | None = None) -> reference.TwoLayerNet | reference.FullyConnectedNet:
        """The book's net with these parameters."""
        n = self.sizes
        net = reference.TwoLayerNet(n["D"], n["H"], n["C"], reg=self.reg if reg is None else reg)
        net.params.update({name: value.copy() for name, value in self.params.items()})
        return net


@dataclass(frozen=True)
class DeepBatch(Batch):
    """The same for a net of any depth, which is given the list of its widths."""

    @property
    def widths(self) -> list[int]:
        """How many units each hidden layer has."""
        return [size for letter, size in self.sizes.items() if letter.startswith("H")]

    @property
    def settings(self) -> dict[str, object]:
        """What the net is built with: keywords that every edition of the course has."""
        n, kind = self.sizes, {**self._reg, "dtype": "float64"}
        return {"hidden_dims": self.widths, "input_dim": n["D"], "num_classes": n["C"], **kind}

    def net(self, reg: float | None = None) -> reference.TwoLayerNet | reference.FullyConnectedNet:
        """The book's net with these parameters."""
        net = reference.FullyConnectedNet(
            self.widths,
            self.sizes["D"],
            self.sizes["C"],
            reg=self.reg if reg is None else reg,
            dtype=np.float64,
        )
        net.params.update({name: value.copy() for name, value in self.params.items()})
        return net


def draw(probe: Probe, reg: float, turn: int = 0) -> Batch:
    """A batch for a net with one hidden layer; N, D, H and C are pairwise different."""
    (n, d, h, c), params, X, y = _off_the_kinks(probe, 1, turn)
    return Batch({"N": n, "D": d, "H": h, "C": c}, reg, params, X, y)


def draw_deep(probe: Probe, reg: float, hidden: int, turn: int = 0) -> DeepBatch:
    """A batch for a net with that many hidden layers; all sizes are pairwise different."""
    (n, d, *widths, c), params, X, y = _off_the_kinks(probe, hidden, turn)
    letters = {f"H{l}": width for l, width in enumerate(widths, start=1)}
    return DeepBatch({"N": n, "D": d, **letters, "C": c}, reg, params, X, y)


def alike(batch: Batch) -> Batch:
    """Another batch of the same size, for the same parameters."""
    return replace(batch, X=turned(batch.X), y=turned(batch.y))


def _off_the_kinks(
    probe: Probe, hidden: int, turn: int
) -> tuple[list[int], dict[str, Array], Array, Array]:
    """Draw sizes N, D, widths, C, then parameters and a batch with labels.

    Biases are not zero, and some units of each hidden layer are live and some dead for
    every example, none so near its kink that a nudge would take it across; some scores
    are negative, so that a ReLU too many shows. Every number fits float32, so that code
    which works in single precision loses nothing at the door.
    """
    example = EXAMPLES[(probe.draw + turn) % len(EXAMPLES)]
    d = int(np.prod(example))
    n, *widths, c = probe.sizes(2 + hidden, low=4, high=8 + hidden, avoid=[d])
    near = 0.01 / hidden
    while True:
        X = _single(probe.normal(n, *example))
        h, params, mixed = X.reshape(n, -1), {}, True
        for l, (rows, columns) in enumerate(pairwise([d, *widths, c]), start=1):
            W, b = 0.6 * probe.normal(rows, columns), 0.5 * probe.normal(columns)
            params[f"W{l}"], params[f"b{l}"] = _single(W), _single(b)
            z = h @ params[f"W{l}"] + params[f"b{l}"]
            live = z > 0
            h = np.where(live, z, 0)
            if l <= hidden:
                both = live.any(axis=1).all() and not live.all(axis=1).any()
                mixed = mixed and bool(both) and bool(np.abs(z).min() > near)
        if mixed and 0.2 < (z < 0).mean() < 0.8:
            break
    return [n, d, *widths, c], params, X, probe.labels(n, c)


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
        right, _ = batch.net().loss(batch.X, batch.y)

        def look(instead: Code | None) -> Evidence:
            answer = self.ask(student, batch, instead=instead)
            seen = self._compared(student, batch, answer, np.asarray(right), RESULTS)
            return seen

        return self._with_book_layers(look)

    def data_loss_agrees(self, student: Student, batch: Batch, probe: Probe) -> Evidence:
        """Compare the loss at reg = 0, which is also the default: at one draw none is passed."""
        if probe.draw != 1:
            return self.loss_agrees(student, batch)
        seen = self.loss_agrees(student, replace(batch, bare=True))
        return seen if passes(seen) else with_detail(seen, at="a net that is given no reg")

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
        return seen

    def keys_agree(self, student: Student, batch: Batch) -> Evidence:
        """Look for keys of grads that params has not, and the other way round."""
        value, against = contract.result(self.ask(student, batch), self.loss, RESULTS, 1)
        if against is not None:
            return against
        found = tuple(value) if isinstance(value, dict) else ()
        missing = tuple(key for key in batch.params if key not in found)
        extra = tuple(str(key) for key in found if key not in batch.params)
        detail = {"function": self.loss, "name": "grads", "missing": missing, "got": found[:8]}
        wrong = len(missing) + len(extra)
        return Evidence("keys", {**detail, "extra": extra}, float(wrong), 0.5)

    def keeps_dtype(self, student: Student, batch: Batch, dtype: str) -> Evidence:
        """Look at whether scores have the dtype of the parameters, whatever that of X."""
        params = {key: value.astype(dtype) for key, value in batch.params.items()}
        settings, given = {**batch.settings, "dtype": dtype}, batch.X.astype(np.float64)
        X = given if dtype == "float32" else given.astype(np.float32)
        answer = student.call(self.loss, settings, params, X, None, names=NAMES)
        scores, against = contract.result(answer, self.loss, ("scores",), 0)
        if against is not None:
            return against
        found = str(scores.dtype) if isinstance(scores, np.ndarray) else type(scores).__name__
        detail = {"function": self.loss, "name": "scores", "dtype": found, "asked": dtype}
        return Evidence("kept", detail, float(found != dtype), 0.5, batch.drawn.arrays)

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
                rule=batch.results,
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


# The start


def read_params(
    answer: Answer, function: str, shapes: Mapping[str, tuple[int, ...]], letters: Mapping[str, str]
) -> tuple[dict[str, Array], Evidence | None]:
    """Read params: its keys, arrays of real numbers, their shapes.

    Args:
        answer: what building the net gave.
        function: what the answer came from, such as ``TwoLayerNet.__init__``.
        shapes: what is asked, key by key.
        letters: the same shapes in the letters of the page.

    Returns:
        ``(params, None)``, or an empty dict and the evidence against them.
    """
    if answer.problem is not None:
        return {}, contract.from_problem(answer.problem, function)
    params = answer.value
    about = {"function": function, "name": "params"}
    if not isinstance(params, dict):
        found = params.type_name if isinstance(params, Foreign) else type(params).__name__
        return {}, Evidence("type", {**about, "type": found, "shape": "dict"})
    missing = tuple(key for key in shapes if key not in params)
    extra = tuple(str(key) for key in params if key not in shapes)
    if missing or extra:
        detail = {**about, "missing": missing, "extra": extra, "asked": tuple(shapes)}
        return {}, Evidence("keys", {**detail, "got": tuple(params)[:8]})
    arrays = {}
    for key, shape in shapes.items():
        name = f"params[{key!r}]"
        value = params[key]
        if isinstance(value, tuple | dict | str) or value is None:
            odd = {"name": name, "type": type(value).__name__, "shape": shape}
            return {}, Evidence("type", {**about, **odd})
        arrays[key], against = contract.numbers(value, function, name, shape)
        if against is None and arrays[key].dtype.kind != "f":
            against = Evidence("dtype", {**about, "name": name, "dtype": str(arrays[key].dtype)})
        if against is not None:
            return {}, with_detail(against, letters=letters[key])
    return arrays, None


def weights_look_drawn(params: Mapping[str, Array], scale: float) -> Evidence:
    """Look at each W for a normal draw of that deviation, and at whether two are alike."""
    weights = [key for key in params if key.startswith("W")]
    for key in weights:
        seen = looks_drawn(params[key].astype(float), key, scale)
        if not passes(seen):
            return seen
    for one, two in pairwise(weights):
        n = min(params[one].size, params[two].size)
        product = np.vdot(params[one].ravel()[:n], params[two].ravel()[:n])
        alike = float(abs(product)) / (n * scale**2)
        detail = {"what": "alike", "name": two, "as": one}
        seen = Evidence("drawn", detail, alike, SURE / n**0.5)
        if not passes(seen):
            break
    return seen


def looks_drawn(w: Array, key: str, scale: float) -> Evidence:
    """Compare the deviation, the mean and the form of a draw with a normal distribution's.

    Of n numbers from a normal distribution the deviation comes out within
    scale / sqrt(2 n), the mean within scale / sqrt(n), and the mean size, beside the
    deviation, within 0.22 / sqrt(n) of sqrt(2 / pi): each is allowed eight times that.
    """
    n = w.size
    deviation = float(np.sqrt((w * w).mean()))
    mean_size = float(np.abs(w).mean()) / deviation if deviation else 0.0
    detail = {"name": key, "yours": deviation, "right": scale, "count": n}
    detail |= {"mean": float(w.mean()), "form": mean_size}
    seen = Evidence("spread", detail, abs(deviation / scale - 1), SURE / (2 * n) ** 0.5)
    if not passes(seen):
        return seen
    mean = Evidence("drawn", {**detail, "what": "mean"}, abs(w.mean()) / scale, SURE / n**0.5)
    if not passes(mean):
        return with_detail(mean, yours=float(w.mean()))
    form = mean_size - (2 / np.pi) ** 0.5
    return Evidence("drawn", {**detail, "what": "form"}, abs(form), 0.22 * SURE / n**0.5)


def biases_are_zeros(params: Mapping[str, Array]) -> Evidence:
    """Look at each b for a number that is not 0."""
    biases = [key for key in params if key.startswith("b")]
    name = next((key for key in biases if params[key].any()), biases[0])
    largest = float(np.abs(params[name]).max())
    return Evidence("drawn", {"what": "bias", "name": name, "yours": largest}, largest, 0.0)
