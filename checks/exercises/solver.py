"""What the chapter "solver" asks for, as checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from checks import contract
from checks.beside.spy import VALIDATION
from checks.exercises import rules, runs
from checks.exercises.agree import Drawn, passes, values, with_detail
from checks.exercises.runs import (
    BOOK_SGD,
    COUNTING,
    COUNTING_IN_PLACE,
    IN_PLACE,
    TRAIN,
    Log,
    Run,
)
from checks.exercises.scripts import (
    EPOCHS,
    accuracies_agree,
    best_is_kept,
    scripted,
    share_agrees,
)
from checks.model import Array, Code, Evidence, Exercise, Probe, Student

solver = Exercise(
    "Solver",
    chapter="solver",
    statement="the loop that trains any net: draw, loss, step, look, keep the best",
    minutes=40,
    after=("sgd",),
    stub='''\
class Solver:
    """Train a net by many small steps against gradients of minibatches.

    A net has a dict params of arrays and loss(X, y), which gives
    (loss, grads), or scores where y is None.
    """

    def __init__(
        self,
        model,
        data,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        print_every=10,
        verbose=True,
        **unknown,
    ):
        """Keep the settings; refuse one that does not exist.

        data is a dict with X_train, y_train, X_val and y_val. update_rule
        is the name of a function rule(w, dw, config) -> (next_w, config)
        in your optim.py, or such a function itself. Every parameter gets a
        config of its own, a copy of optim_config, and keeps the one that
        the rule gives back.
        Accuracies are measured on num_train_samples and num_val_samples
        examples, None being all. Where verbose, a line with the loss is
        printed every print_every steps; in which words is up to you.

        A ValueError names an unknown setting or rule.
        """
        raise NotImplementedError

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Give the share of examples whose right class scores highest.

        Args:
            X: examples, shape (N, d1, ..., dk).
            y: the right classes, shape (N,).
            num_samples: measure on that many of them only; None for all.
            batch_size: how many are given to the net at once.
        """
        raise NotImplementedError

    def train(self):
        """Take num_epochs * (N // batch_size) steps, one an epoch at least.

        loss_history gets the loss of each step, train_acc_history and
        val_acc_history an accuracy at the start and after each epoch, when
        the learning rates are multiplied by lr_decay, too. best_val_acc and
        best_params are those of the best validation accuracy; the net has
        these parameters in the end.
        """
        raise NotImplementedError
''',
    hints=(
        "Write one step first: draw rows, ask the net for loss and gradients, then call the rule "
        "once for each parameter, with that parameter's own config. The loop comes after it.",
        "eq-gradient-descent-minibatch for the rows, eq-solver-decay for the rate; a copy of the "
        "best parameters, since the net goes on changing its own.",
    ),
)

clipped_sgd = Exercise(
    "clipped_sgd",
    chapter="solver",
    statement="a step whose gradient is shortened where it is too long",
    minutes=10,
    file="optim.py",
    after=("sgd",),
    variation=True,
    stub='''\
def clipped_sgd(w, dw, config=None):
    """Take one step of gradient descent with the gradient's norm clipped.

    The norm of dw is the square root of the sum of its squared entries.
    Where it is above max_norm, dw is scaled to have the norm max_norm;
    elsewhere dw stays what it is. The step is w - learning_rate * that.

    Args:
        w: the parameter, any shape.
        dw: gradient of the loss with respect to w, the same shape.
        config: a dict with learning_rate (1e-2 where it is missing) and
            max_norm (1.0 where it is missing).

    Returns:
        (next_w, config): the parameter after the step, and the dict,
        which now holds both numbers that were used.
    """
    raise NotImplementedError
''',
    hints=(
        "All entries are scaled by the same number, so that the direction stays. Which number is "
        "it, and when is it 1?",
        "eq-solver-clipped: dw times the smaller of 1 and max_norm / norm. A gradient of zeros "
        "has the norm 0.",
    ),
)


# What is asked about the run itself


@solver.check("settings", stage="call", costs=1, draws=2)
def what_does_not_exist_is_refused(student: Student, probe: Probe) -> Evidence:
    """A setting and a rule that do not exist are refused with an error that names them."""
    run = runs.draw(probe, n=6, batch_size=3, epochs=1)
    name = "learning_rat" if probe.draw else "sdg"
    wrong: dict[str, object] = {name: 0.1} if probe.draw else {"update_rule": name}
    answer = replace(run, settings={**run.settings, **wrong}).take(student)
    problem = answer.problem
    message = str(problem.detail.get("message")) if problem is not None else ""
    if problem is not None and problem.kind not in _refusals(name, message):
        return runs.read(answer, run)[1] or Evidence("refused_setting")
    detail = {"what": name, "rule": probe.draw == 0, "function": "Solver"}
    if problem is not None:
        detail |= {"error": problem.detail.get("error"), "message": message}
    return Evidence("refused_setting", detail, 0.0 if name in message else 1.0, 0.5)


def _refusals(name: str, message: str) -> tuple[str, ...]:
    """Which problems refuse something: an error, also a NotImplementedError that names it."""
    return ("raised", "not_started") if name in message else ("raised",)


@solver.check("inputs", stage="mutation", costs=1, draws=1)
def settings_and_data_are_left_alone(student: Student, probe: Probe) -> Evidence:
    """A run changes neither optim_config nor the data."""
    run = runs.draw(probe, n=12, batch_size=4, epochs=3, decay=0.7)
    answer = run.take(student)
    if answer.problem is not None:
        return runs.read(answer, run)[1] or Evidence("changed")
    changed = tuple(
        name.replace("settings['optim_config']", "optim_config")
        for name in answer.changed
        if name.startswith(("settings", "data"))
    )
    detail = {"function": TRAIN, "changed": changed}
    return Evidence("changed", detail, float(len(changed)), 0.0, run.shown)


@solver.check("steps", equation="eq-solver-steps", points=1)
def there_are_as_many_steps_as_asked(student: Student, probe: Probe) -> Evidence:
    """train takes num_epochs times N // batch_size steps, and one an epoch where that is 0."""
    n, batch_size, epochs = ((23, 5, 3), (12, 4, 2), (5, 8, 3))[probe.draw]
    run = runs.draw(probe, n=n, batch_size=batch_size, epochs=epochs)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("length")
    return _as_many_as_asked(run, log)


def _as_many_as_asked(run: Run, log: Log) -> Evidence:
    why = f"{run.epochs} epochs of {run.n} // {run.batch_size} = {run.n // run.batch_size}"
    why += "" if run.n // run.batch_size else ", and at least one"
    detail = {"name": "steps", "got": len(log.steps), "asked": run.steps, "why": why}
    return Evidence("length", detail, abs(len(log.steps) - run.steps), 0.0, run.shown)


@solver.check("minibatch", equation="eq-gradient-descent-minibatch", points=1, draws=2)
def minibatches_are_rows_of_the_data(student: Student, probe: Probe) -> Evidence:
    """Each minibatch holds batch_size training examples, each with its own label."""
    n, batch_size = ((23, 5), (12, 4), (31, 10))[probe.draw]
    run = runs.draw(probe, n=n, batch_size=batch_size, epochs=4)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("minibatch")
    for number, step in enumerate(log.steps, 1):
        what = _wrong_with(run, step.rows, step.labels, step.untouched)
        if what:
            same = all(np.array_equal(one.labels, step.labels) for one in log.steps)
            return _wrong_batch(run, number, {**what, "labels_stay": same})
    measured = 0.0 if log.steps else 1.0
    return Evidence("minibatch", {"what": "none"}, measured, 0.5, run.shown)


def _wrong_batch(run: Run, number: int, what: dict[str, object]) -> Evidence:
    detail = {**what, "step": number, "batch_size": run.batch_size, "N": run.n}
    return Evidence("minibatch", detail, 1.0, 0.5, run.shown)


def _wrong_with(run: Run, rows: Array, labels: Array, untouched: bool) -> dict[str, object]:
    inside = np.isin(rows, np.arange(run.n))
    if not inside.all():
        held_out = bool((rows >= VALIDATION).any())
        return {"what": "outside", "held_out": held_out}
    if len(rows) != run.batch_size:
        return {"what": "size", "got": len(rows)}
    if not untouched:
        return {"what": "changed"}
    wrong = np.flatnonzero(labels != run.data["y_train"][rows.astype(int)])
    if len(wrong):
        return {"what": "labels", "wrong": len(wrong), "row": int(rows[wrong[0]])}
    return {}


@solver.check("drawn afresh", equation="eq-gradient-descent-minibatch", points=1, draws=1)
def minibatches_are_drawn_afresh(student: Student, probe: Probe) -> Evidence:
    """Each minibatch is drawn anew, from all of the training data."""
    # Of 480 rows drawn with return from 16, one is never seen with a probability of 6e-13.
    run = runs.draw(probe, n=16, batch_size=8, epochs=30)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("afresh")
    batches = {tuple(sorted(step.rows)) for step in log.steps}
    seen = {row for step in log.steps for row in step.rows}
    detail: dict[str, object] = {"steps": len(log.steps), "batches": len(batches), "N": run.n}
    detail |= {"seen": len(seen), "per_epoch": run.per_epoch}
    enough = len(batches) > run.per_epoch and seen.issuperset(range(run.n))
    return Evidence("afresh", detail, 0.0 if enough else 1.0, 0.5, run.shown)


@solver.check("step", equation="eq-gradient-descent-sgd", points=1, after=("minibatch",), draws=2)
def each_step_is_the_rule_s(student: Student, probe: Probe) -> Evidence:
    """Each step gives every parameter the next value that the rule makes of its gradient."""
    run = runs.draw(probe, n=20, batch_size=5, epochs=2)

    def look(instead: Code | None) -> Evidence:
        log, against = runs.read(run.take(student, instead), run)
        return _steps_agree(run, log) if log is not None else against or Evidence("value")

    seen = look(None)
    if not passes(seen) and passes(look(BOOK_SGD)):
        return with_detail(seen, right_with=("sgd",))
    return seen


@solver.check("function", stage="call", costs=1, after=("step",), draws=1)
def a_function_may_be_the_rule(student: Student, probe: Probe) -> Evidence:
    """A Solver that takes a function for update_rule steps with that function."""
    run = runs.draw(probe, n=12, batch_size=4, epochs=1)
    answer = run.take_by_function(student)
    if answer.problem is not None and answer.problem.kind in ("raised", "not_started"):
        return Evidence(
            "value", {"function": TRAIN}, 0.0, 0.5
        )  # as in the course: names are enough
    log, against = runs.read(answer, run)
    if log is None:
        return against or Evidence("value")
    return _steps_agree(run, log, ", where update_rule is a function and not a name")


def _steps_agree(run: Run, log: Log, when: str = "") -> Evidence:
    seen = Evidence("learns", {"before": 0.0, "after": 0.0, "steps": 0})
    for number, step in enumerate(log.steps, 1):
        if step.after is None:
            continue
        what = _wrong_with(run, step.rows, step.labels, step.untouched)
        if what:
            return _wrong_batch(run, number, what)
        gradients = run.gradients(step.before, step.rows.astype(int))
        for name, w in step.before.items():
            right = w - run.rate * gradients[name]
            key = f"params[{name!r}]"
            about = {"function": TRAIN, "name": key, "start": w, "tolerance": 1e-6}
            yours, against = contract.numbers(step.after[name], TRAIN, key, w.shape)
            seen = against or values(yours, right, inputs=run.shown, **about)  # type: ignore[arg-type]
            if not passes(seen):
                return with_detail(seen, at=f"step {number}{when}", by_chance=True)
    return seen


@solver.check("learns", equation="eq-gradient-descent-sgd", points=1, after=("step",), draws=1)
def the_loss_falls(student: Student, probe: Probe) -> Evidence:
    """On a small problem that can be learned, the loss falls to less than half."""
    # In 2,000 such runs the loss fell to 0.02 of the first in the median, and to 0.14 at most.
    run = replace(runs.draw(probe, n=40, batch_size=10, epochs=20), rate=0.2)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("learns")
    before = run.loss(run.params)
    last = log.steps[-1] if log.steps else None
    end = run.params if last is None else last.after or last.before
    after = run.loss(end)
    detail = {"before": before, "after": after, "steps": len(log.steps)}
    return Evidence("learns", detail, after / before, 0.5, run.shown)


@solver.check("decay", equation="eq-solver-decay", points=1, after=("step",))
def rates_fall_after_each_epoch(student: Student, probe: Probe) -> Evidence:
    """After each epoch the learning rate of every parameter is multiplied by lr_decay."""
    decay = 2.0 if probe.draw == 2 else probe.between(0.5, 0.9)  # 2: a rate may rise as well
    n, batch_size = (5, 1) if probe.draw == 1 else (12, 4)
    run = runs.draw(probe, n=n, batch_size=batch_size, epochs=4, decay=decay)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("rate")
    seen = Evidence("rate")
    for number, rates in enumerate(log.rates):
        if log.steps[number].after is not None:
            seen = _at_the_rate(run, number, rates)
            if not passes(seen):
                break
    return seen


def _at_the_rate(run: Run, number: int, rates: Mapping[str, float]) -> Evidence:
    """Compare the rates of one step, counted from 0, with the one of its epoch."""
    seen = Evidence("rate")
    epoch = number // run.per_epoch
    right = run.rate * run.decay**epoch
    for name, yours in rates.items():
        times = _times_lowered(yours / run.rate, run.decay)
        detail = {"name": name, "step": number + 1, "epoch": epoch + 1, "yours": yours}
        detail |= {"right": right, "decay": run.decay, "times": times, "rate": run.rate}
        seen = Evidence("rate", detail, abs(yours / right - 1), 1e-4, run.shown)
        if not passes(seen):
            break
    return seen


def _times_lowered(share: float, decay: float) -> int | None:
    """How often a rate was multiplied by decay, where it was a whole number of times."""
    if not share > 0 or decay == 1:
        return None
    times = math.log(share) / math.log(decay)
    return round(times) if abs(times - round(times)) < 1e-4 else None


@solver.check("configs", equation="eq-solver-decay", points=1, after=("step",), draws=2)
def each_parameter_has_a_config(student: Student, probe: Probe) -> Evidence:
    """Each parameter has a config of its own, and the one that the rule gives back is kept."""
    run = runs.draw(probe, n=12, batch_size=4, epochs=2)
    rule = COUNTING_IN_PLACE if probe.draw else COUNTING
    log, against = runs.read(run.take(student, rule), run)
    if log is None:
        return against or Evidence("own_config")
    counts = [
        {name: 2 * (rate / run.rate - 1) for name, rate in rates.items()}
        for rates, step in zip(log.rates, log.steps, strict=True)
        if step.after is not None
    ]
    asked = [{name: float(number) for name in each} for number, each in enumerate(counts, 1)]
    if all(abs(value) < 1e-3 for each in counts for value in each.values()):
        return Evidence("own_config", {}, 0.0, 0.5)  # their sgd is out of reach: nothing to see
    off = [
        abs(value - asked[i][name]) > 1e-3 or math.isnan(value)
        for i, each in enumerate(counts)
        for name, value in each.items()
    ]
    dropped = all(abs(value - 1) < 1e-3 for each in counts for value in each.values())
    what = "dropped" if dropped else "shared"
    return Evidence("own_config", {"what": what}, float(sum(off)), 0.5, run.shown)


# What is asked about what a run leaves behind


@solver.check("loss_history", equation="eq-solver-steps", points=1, after=("steps",), draws=1)
def losses_are_kept(student: Student, probe: Probe) -> Evidence:
    """loss_history holds the loss of each step, in order."""
    run = runs.draw(probe, n=20, batch_size=5, epochs=3)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("length")
    yours, against = runs.history(log, "loss_history", "one for each step", run.steps)
    if against is not None:
        return against
    right = np.array([step.loss for step in log.steps])
    about = {"function": TRAIN, "name": "loss_history", "tolerance": 1e-6}
    seen = values(yours, right, inputs=run.shown, **about)  # type: ignore[arg-type]
    return with_detail(seen, by_chance=True)


@solver.check("check_accuracy", equation="eq-solver-accuracy", points=1)
def accuracy_is_the_share_of_hits(student: Student, probe: Probe) -> Evidence:
    """check_accuracy gives the share of hits, in batches of batch_size, of num_samples examples."""
    return share_agrees(student, probe)


@solver.check(
    "train_acc_history", equation="eq-solver-accuracy", points=1, after=("steps",), draws=2
)
def training_accuracies_are_kept(student: Student, probe: Probe) -> Evidence:
    """train_acc_history holds the training accuracy at the start and after each epoch."""
    return accuracies_agree(student, probe, "train")


@solver.check("val_acc_history", equation="eq-solver-accuracy", points=1, after=("steps",), draws=2)
def validation_accuracies_are_kept(student: Student, probe: Probe) -> Evidence:
    """val_acc_history holds the validation accuracy at the start and after each epoch."""
    return accuracies_agree(student, probe, "val")


@solver.check("best", equation="eq-solver-best", points=1, after=("step", "val_acc_history"))
def the_best_parameters_are_restored(student: Student, probe: Probe) -> Evidence:
    """The net ends with best_params, those of the best validation accuracy, best_val_acc."""
    return best_is_kept(student, probe, (2, EPOCHS, 0)[probe.draw], None)


@solver.check("copy", stage="mutation", costs=1, after=("best",), draws=1)
def best_params_is_a_copy(student: Student, probe: Probe) -> Evidence:
    """best_params are copies: a rule that works in place does not change them later."""
    return best_is_kept(student, probe, 2, IN_PLACE)


@solver.check(
    "no accuracy", stage="stability", equation="eq-solver-best", costs=1, after=("step",), draws=1
)
def parameters_survive_without_any_accuracy(student: Student, probe: Probe) -> Evidence:
    """Where no validation example is ever right, the net still has its parameters."""
    run = scripted(probe, best=2, hopeless=True)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("lost")
    params = log.value["params"]
    there = isinstance(params, dict) and all(
        isinstance(params.get(name), np.ndarray) and params[name].shape == w.shape
        for name, w in run.params.items()
    )
    return Evidence("lost", {}, 0.0 if there else 1.0, 0.5, run.shown)


@solver.check(
    "defaults", stage="call", costs=1, after=tuple(each.name for each in solver.checks), draws=1
)
def defaults_are_those_of_the_contract(student: Student, probe: Probe) -> Evidence:
    """Without settings a run has ten epochs, minibatches of 100 and a rate that stays."""
    run = runs.draw_bare(probe)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("length")
    seen = _as_many_as_asked(run, log)
    if log.rates:  # what it begins with is the rule's business
        run = replace(run, rate=log.rates[0]["W"])
    for number, step in enumerate(log.steps):
        if passes(seen) and len(step.rows) != run.batch_size:
            detail = {"what": "size", "got": len(step.rows), "step": number + 1}
            seen = Evidence("minibatch", {**detail, "batch_size": run.batch_size, "N": run.n}, 1.0)
        if passes(seen) and step.after is not None:
            seen = _at_the_rate(run, number, log.rates[number])
    return _examples_looked_at(run, log) if passes(seen) else seen


def _examples_looked_at(run: Run, log: Log) -> Evidence:
    """Count the examples behind each accuracy: 1,000 for training, all for validation."""
    for name, held_out, each in (("train", False, 1000), ("val", True, len(run.data["y_val"]))):
        kept = log.value.get(f"{name}_acc_history")
        looks = len(kept) if isinstance(kept, tuple | np.ndarray) and np.ndim(kept) else 0
        got = log.looked_at(held_out)
        asked = each * max(looks, 1)
        what = f"The list of examples that {name}_acc_history was measured on"
        why = f"{looks} accuracies on {each} examples each, where no number is given"
        detail = {"name": what, "got": got, "asked": asked, "why": why}
        seen = Evidence("length", detail, float(abs(got - asked)), 0.0, run.shown)
        if not passes(seen):
            break
    return seen


# The variation

DEFAULTS = {"learning_rate": 1e-2, "max_norm": 1.0}


def clipped(drawn: Drawn, config: dict[str, float]) -> Array:
    """The statement of the variation."""
    known = {**DEFAULTS, **config}
    w, dw = drawn["w"], drawn["dw"]
    norm = float(np.sqrt((dw * dw).sum()))
    scale = known["max_norm"] / norm if norm > known["max_norm"] else 1.0
    return np.asarray(w - known["learning_rate"] * scale * dw)


@clipped_sgd.check("inputs", stage="mutation", costs=1)
def clipping_leaves_dw_alone(student: Student, probe: Probe) -> Evidence:
    """A call leaves dw alone, and w too unless w itself is what it returns."""
    drawn = rules.draw(probe)
    config = {"learning_rate": 0.1, "max_norm": 0.5}
    answer = student.call("clipped_sgd", drawn["w"], drawn["dw"], config, names=rules.ARGUMENTS)
    return rules.conduct(answer, "clipped_sgd", drawn.arrays)


def step_agrees(student: Student, drawn: Drawn, *config: dict[str, float] | None) -> Evidence:
    """Compare one clipped step with the statement."""
    right = clipped(drawn, (config[0] if config else None) or {})
    return rules.step_agrees(student, "clipped_sgd", drawn, right, *config)


@clipped_sgd.check("long", equation="eq-solver-clipped", points=1)
def a_long_gradient_is_shortened(student: Student, probe: Probe) -> Evidence:
    """A gradient whose norm is above max_norm is scaled to that norm."""
    drawn = rules.draw(probe)
    norm = float(np.linalg.norm(drawn["dw"]))
    config = {"learning_rate": probe.between(0.05, 0.2), "max_norm": probe.between(0.2, 0.8) * norm}
    return step_agrees(student, drawn, config)


@clipped_sgd.check("short", equation="eq-solver-clipped", points=1, after=("long",))
def a_short_gradient_stays(student: Student, probe: Probe) -> Evidence:
    """A gradient whose norm is at most max_norm is left as it is, also where it is zero."""
    drawn = rules.draw(probe)
    if probe.draw == 2:
        drawn = Drawn({**drawn.arrays, "dw": np.zeros_like(drawn["dw"])}, drawn.sizes)
    norm = float(np.linalg.norm(drawn["dw"])) or 1.0
    config = {"learning_rate": probe.between(0.05, 0.2), "max_norm": probe.between(1.2, 3.0) * norm}
    return step_agrees(student, drawn, config)


@clipped_sgd.check("defaults", equation="eq-solver-clipped", points=1, after=("long",))
def both_defaults_of_clipping_hold(student: Student, probe: Probe) -> Evidence:
    """Without a config, with None or with an empty one, the two defaults are used."""
    drawn = rules.draw(probe)
    drawn = Drawn({**drawn.arrays, "dw": 3 * drawn["dw"]}, drawn.sizes)
    config: tuple[dict[str, float] | None, ...] = ((), (None,), ({},))[probe.draw % 3]
    return step_agrees(student, drawn, *config)


@clipped_sgd.check("config", stage="call", costs=1, after=("long",), draws=2)
def clipping_gives_both_numbers_back(student: Student, probe: Probe) -> Evidence:
    """The second result is a dict that holds both numbers that were used."""
    given = {"max_norm": probe.between(0.1, 0.4)} if probe.draw == 0 else {}
    drawn = rules.draw(probe)
    return rules.config_agrees(student, "clipped_sgd", drawn, given, DEFAULTS)
