"""Runs of a Solver, taken with a spy for a net: what is drawn for them, and what the log tells."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np

from checks import contract
from checks.beside.spy import VALIDATION
from checks.exercises.agree import passes
from checks.model import Answer, Array, Code, Evidence, Probe, Problem, Student
from reference import affine, optim, softmax

TRAIN = "Solver.train"
NAMES = ("settings", "data", "params", "plan")
EXAMPLE = (2, 3)  # the shape of one example; its first number is its row


@cache
def book_rules() -> Code:
    """The book's own rules, for code that imports them from a module called optim."""
    return Code(inspect.getsource(optim), "optim")


BOOK_SGD = Code(inspect.getsource(optim.sgd), "sgd")

COUNTING = Code(
    """
def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2, "calls": 0, **(config or {})}
    config["calls"] += 1
    return w - config["learning_rate"] * (1 + config["calls"] / 2) * dw, config
""",
    "sgd",
)  # its n-th step for a parameter is 1 + n/2 times sgd's

COUNTING_IN_PLACE = Code(
    """
def sgd(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config["calls"] = config.get("calls", 0) + 1
    return w - config["learning_rate"] * (1 + config["calls"] / 2) * dw, config
""",
    "sgd",
)  # the same, and like the course's rules it writes into the config that it is given

IN_PLACE = Code(
    """
def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2, **(config or {})}
    w -= config["learning_rate"] * dw
    return w, config
""",
    "sgd",
)


@dataclass(frozen=True)
class Run:
    """What a Solver is given: data, the spy's parameters and script, and settings."""

    data: Mapping[str, Array]
    params: Mapping[str, Array]
    settings: Mapping[str, object]
    plan: Mapping[str, Array] | None
    batch_size: int
    epochs: int
    rate: float
    decay: float
    bare: bool = False

    @property
    def n(self) -> int:
        """How many training examples there are."""
        return len(self.data["y_train"])

    @property
    def per_epoch(self) -> int:
        """How many steps an epoch has."""
        return max(self.n // self.batch_size, 1)

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return self.epochs * self.per_epoch

    @property
    def shown(self) -> Mapping[str, object]:
        """The settings, as inputs that can be shown."""
        plain = {k: v for k, v in self.settings.items() if isinstance(v, int | float | str)}
        return {"N": self.n, "learning_rate": self.rate, **plain}

    def take(self, student: Student, instead: Code | None = None) -> Answer:
        """Have the run done by the student's Solver."""
        config = {} if self.bare else {"optim_config": {"learning_rate": self.rate}}
        given = {**self.settings, **config}
        args = (given, dict(self.data), dict(self.params), self.plan and dict(self.plan))
        return student.call(TRAIN, *args, names=NAMES, instead=instead, lent=book_rules())

    def take_by_function(self, student: Student) -> Answer:
        """Have it done by a rule that is handed over: twice the step of sgd."""
        given = {**self.settings, "optim_config": {"learning_rate": self.rate / 2}}
        args = (given, dict(self.data), dict(self.params))
        return student.call(f"{TRAIN}_by", *args, names=NAMES[:3], lent=book_rules())

    def gradients(self, state: Mapping[str, Array], rows: Array) -> dict[str, Array]:
        """The gradients that the spy gave for these training rows."""
        X, y = self.data["X_train"][rows], self.data["y_train"][rows]
        features = X.reshape(len(X), -1)[:, 1:]
        scores, kept = affine.affine_forward(features, state["W"], state["b"])
        _, dscores = softmax.softmax_loss(scores, y)
        _, dW, db = affine.affine_backward(dscores, kept)
        return {"W": dW, "b": db}

    def loss(self, state: Mapping[str, Array]) -> float:
        """The loss on all training data."""
        X, y = self.data["X_train"], self.data["y_train"]
        features = X.reshape(len(X), -1)[:, 1:]
        return float(softmax.softmax_loss(features @ state["W"] + state["b"], y)[0])


def draw(
    probe: Probe,
    *,
    n: int,
    batch_size: int,
    epochs: int,
    decay: float = 1.0,
    plan: Mapping[str, Array] | None = None,
    held_out: int = 0,
) -> Run:
    """A small problem of three or four classes, each a cloud of its own."""
    classes = 3 + probe.draw % 2
    numbers = int(np.prod(EXAMPLE)) - 1
    centers = _apart(probe, classes, numbers)
    data: dict[str, Array] = {}
    sizes = {"train": (n, 0), "val": (held_out or probe.sizes(1, 9, 12)[0], VALIDATION)}
    for split, (count, first) in sizes.items():
        y = np.resize(probe.rng.permutation(classes), count)
        features = centers[y] + 0.5 * probe.normal(count, numbers)
        rows = np.arange(first, first + count, dtype=float)
        data[f"X_{split}"] = np.column_stack([rows, features]).reshape(count, *EXAMPLE)
        data[f"y_{split}"] = y
    params = {"W": 0.1 * probe.normal(numbers, classes), "b": 0.1 * probe.normal(classes)}
    settings = {
        "update_rule": "sgd",
        "lr_decay": decay,
        "batch_size": batch_size,
        "num_epochs": epochs,
        "verbose": False,
    }
    rate = probe.between(0.05, 0.2)
    return Run(data, params, settings, plan, batch_size, epochs, rate, decay)


def draw_bare(probe: Probe) -> Run:
    """A run of a Solver that is given nothing but a net and data: two steps an epoch, ten epochs.

    There are more examples of either kind than an accuracy is measured on by default.
    """
    run = draw(probe, n=1100, batch_size=550, epochs=10, held_out=1050)
    return replace(run, settings={"verbose": False}, batch_size=100, rate=1e-2, bare=True)


def _apart(probe: Probe, classes: int, numbers: int) -> Array:
    """Centers of clouds, none within 3 of another one, so that the classes can be told apart."""
    while True:
        centers = 1.5 * probe.normal(classes, numbers)
        gaps = np.linalg.norm(centers[:, None] - centers, axis=2)[~np.eye(classes, dtype=bool)]
        if gaps.min() > 3:
            return centers


@dataclass(frozen=True)
class Step:
    """One step of a run: the rows that were asked about, and the parameters around it."""

    rows: Array
    labels: Array
    loss: float
    untouched: bool
    before: Mapping[str, Array]
    after: Mapping[str, Array] | None


@dataclass
class Log:
    """What the spy wrote down, and what the Solver keeps afterwards."""

    run: Run
    value: Mapping[str, object]
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        asked = np.asarray(self.value["asked"]).reshape(-1, 2).astype(int)
        rows, labels = np.asarray(self.value["rows"]), np.asarray(self.value["labels"])
        states, losses = np.asarray(self.value["states"]), np.asarray(self.value["losses"])
        untouched = np.asarray(self.value["untouched"])
        ends = asked.cumsum(axis=0)
        last: tuple[bytes, bytes, bytes] | None = None
        for i, ((count, labelled), (end, label_end)) in enumerate(zip(asked, ends, strict=True)):
            its_rows, its_labels = rows[end - count : end], labels[label_end - labelled : label_end]
            moves = i + 1 < len(states) and not np.array_equal(states[i], states[i + 1])
            if not labelled or ((its_rows >= VALIDATION).all() and not moves):
                continue  # it only looked
            key = (its_rows.tobytes(), its_labels.tobytes(), states[i].tobytes())
            after = self._state(states[i + 1]) if i + 1 < len(states) else None
            step = Step(
                its_rows,
                its_labels,
                float(losses[i]),
                bool(untouched[i]),
                self._state(states[i]),
                after,
            )
            if key == last:  # asked twice for one step, once for the loss, once for the gradients
                self.steps.pop()
            self.steps.append(step)
            last = key

    def _state(self, flat: Array) -> dict[str, Array]:
        W = self.run.params["W"]
        return {"W": flat[: W.size].reshape(W.shape), "b": flat[W.size :]}

    @cached_property
    def rates(self) -> list[dict[str, float]]:
        """Which multiple of the gradient each step went against, by parameter; nan for none."""
        found = []
        for step in self.steps:
            if step.after is None or not step.untouched or (step.rows >= VALIDATION).any():
                found.append({name: float("nan") for name in step.before})
                continue
            gradients = self.run.gradients(step.before, step.rows.astype(int))
            found.append(
                {
                    name: _multiple(step.before[name] - step.after[name], gradients[name])
                    for name in step.before
                }
            )
        return found

    def looked_at(self, held_out: bool) -> int:
        """How many examples the net was asked about without labels, of one kind."""
        asked = np.asarray(self.value["asked"]).reshape(-1, 2).astype(int)
        rows = np.asarray(self.value["rows"])
        unlabelled = np.repeat(asked[:, 1] == 0, asked[:, 0])
        return int(np.sum(unlabelled & ((rows >= VALIDATION) == held_out)))

    def after(self, count: int) -> Mapping[str, Array] | None:
        """The parameters after that many steps."""
        if not self.steps:
            return None
        return self.steps[0].before if count == 0 else self.steps[count - 1].after


def _multiple(step: Array, gradient: Array) -> float:
    """The factor between a step and a gradient, nan where there is none."""
    with np.errstate(all="ignore"):
        factor = float((step * gradient).sum() / (gradient * gradient).sum())
        rest = float(np.linalg.norm(step - factor * gradient))
        near = rest <= 1e-4 * float(np.linalg.norm(step)) or not step.any()
    return factor if near else float("nan")


def read(answer: Answer, run: Run) -> tuple[Log | None, Evidence | None]:
    """Read the log of a run, or say why there is none."""
    if answer.problem is not None:
        return None, needed(contract.from_problem(answer.problem, TRAIN))
    try:
        assert isinstance(answer.value, dict)
        return Log(run, answer.value), None
    except (AssertionError, KeyError, ValueError, TypeError, IndexError):
        nonsense = Problem("died", "", {"status": "its answer made no sense"})
        return None, contract.from_problem(nonsense, TRAIN)


def needed(seen: Evidence) -> Evidence:
    """Tell a Solver that calls a function which is still a stub from one that is a stub itself."""
    who = str(seen.detail.get("function", ""))
    if seen.detail.get("problem") != "not_started" or who.partition(".")[0] == "Solver":
        return seen
    return Evidence("needs", {"function": TRAIN, "needs": who, "where": seen.detail["where"]})


def history(log: Log, name: str, why: str, asked: int) -> tuple[Array, Evidence | None]:
    """Read one of the lists that a Solver keeps: so many real numbers."""
    about = {"name": name, "function": TRAIN, "asked": asked, "why": why}
    if name not in log.value:
        return np.zeros(0), Evidence("attribute", about)
    value = log.value[name]
    if not isinstance(value, tuple | np.ndarray):
        return np.zeros(0), Evidence("attribute", {**about, "type": type(value).__name__})
    if len(value) != asked:
        return np.zeros(0), Evidence("length", {**about, "got": len(value)})
    try:
        numbers = np.array([float(np.asarray(one).reshape(())) for one in value])
    except (TypeError, ValueError):
        entries = {**about, "type": type(value[0]).__name__, "entries": True}
        return np.zeros(0), Evidence("attribute", entries)
    return contract.numbers(numbers, TRAIN, name, (asked,))


def holds(value: object, state: Mapping[str, Array]) -> bool:
    """Whether a dict of parameters is this state, to rounding."""
    if not isinstance(value, dict) or set(value) != set(state):
        return False
    return all(
        isinstance(value[name], np.ndarray)
        and value[name].shape == right.shape
        and value[name].dtype.kind == "f"
        and bool(np.allclose(value[name], right, rtol=1e-5, atol=1e-8))
        for name, right in state.items()
    )


def worse(one: Evidence, other: Evidence) -> Evidence:
    """The one of two that fails, if one does."""
    return other if passes(one) else one
