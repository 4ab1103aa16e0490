"""Runs of a Solver whose accuracies are written beforehand, and what it makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from checks import contract
from checks.beside.spy import VALIDATION
from checks.exercises import runs
from checks.exercises.agree import passes
from checks.exercises.runs import Log, Run
from checks.model import Array, Code, Evidence, Probe, Student

ACCURACY = "Solver.check_accuracy"
EPOCHS = 4


def scripted(probe: Probe, best: int, hopeless: bool = False) -> Run:
    """A run whose accuracies are written beforehand, the best of them after epoch ``best``.

    The state of the net, and nothing else, decides what it gets right. The training
    accuracy is best elsewhere. The first look may be before the first step or after it;
    where the best is to be the first, both see the same.
    """
    n, per_epoch, held_out = 18, 3, 12
    turns = EPOCHS * per_epoch + 1
    train = probe.rng.permutation(np.resize(np.arange(8, n - 1), turns))
    train[best * per_epoch] = 3  # the best epoch is not that of the training data
    val = probe.rng.integers(1, 8, size=turns)
    val[::per_epoch] = probe.rng.permutation(np.arange(2, 2 + EPOCHS + 1))
    val[best * per_epoch] = 9 + probe.rng.integers(2)
    other = (best + 1) % (EPOCHS + 1) * per_epoch
    train[other], val[other] = n - 1, 7
    if best == 0:
        val[1] = val[0]
    while (train == val * n / held_out).any():  # accuracies must tell the two apart
        train = train + (train == val * n / held_out)
    plan = {"train": train, "val": val * (not hopeless)}
    return runs.draw(
        probe, n=n, batch_size=n // per_epoch, epochs=EPOCHS, plan=plan, held_out=held_out
    )


def accuracies_agree(student: Student, probe: Probe, split: str) -> Evidence:
    """Compare a history of accuracies with those that the script says."""
    run = scripted(probe, best=1 + probe.draw)
    log, against = runs.read(run.take(student), run)
    if log is None:
        return against or Evidence("length")
    name = f"{split}_acc_history"
    why = f"one at the start and one after each of {EPOCHS} epochs"
    yours, against = runs.history(log, name, why, EPOCHS + 1)
    if against is not None:
        return against
    assert run.plan is not None
    shares = {key: run.plan[key] / len(run.data[f"y_{key}"]) for key in ("train", "val")}
    other = shares["val" if split == "train" else "train"]
    seen = Evidence("accuracy")
    for i, mine in enumerate(yours):
        turn = i * run.per_epoch
        right = float(shares[split][turn])
        off = abs(mine - right)
        if i == 0:
            off = min(off, abs(mine - float(shares[split][1])))
        count = len(run.data[f"y_{split}"])
        detail = {"name": f"{name}[{i}]", "yours": float(mine), "right": right, "count": count}
        detail |= {"hits": round(right * count), "at": f"epoch {i}" if i else "the start"}
        detail |= {"split": split, "crossed": abs(mine - float(other[turn])) < 1e-6}
        seen = Evidence("accuracy", detail, off, 1e-5, run.shown)
        if not passes(seen):
            return seen
    return seen


def best_is_kept(student: Student, probe: Probe, best: int, instead: Code | None) -> Evidence:
    """Compare the net, best_params and best_val_acc with those of the best epoch."""
    run = scripted(probe, best)
    log, against = runs.read(run.take(student, instead), run)
    if log is None:
        return against or Evidence("best")
    assert run.plan is not None
    accuracy = float(run.plan["val"][best * run.per_epoch]) / len(run.data["y_val"])
    turns = (0, 1) if best == 0 else (best * run.per_epoch,)
    right = [state for turn in turns if (state := log.after(turn)) is not None]
    kept = {"params": log.value["params"], "best_params": log.value.get("best_params")}
    found = {what: _which(log, value, right) for what, value in kept.items()}
    number = _number(log.value.get("best_val_acc"))
    detail = {"epoch": best, "accuracy": accuracy, "in_place": bool(instead), "yours": number}
    off = sum(what != "right" for what in found.values())
    off += number is None or not abs(number - accuracy) < 1e-5
    return Evidence("best", {**detail, **found}, float(off), 0.5, run.shown)


def _number(value: object) -> float | None:
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "fiu":
        value = value.item()
    return float(value) if isinstance(value, int | float) else None


def _which(log: Log, value: object, right: Sequence[Mapping[str, Array]]) -> str | int:
    """Which parameters of the run these are, where they are some of it."""
    if not isinstance(value, dict) or not value:
        return "none"
    if any(runs.holds(value, state) for state in right):
        return "right"
    for turn in range(len(log.steps), -1, -1):
        state = log.after(turn)
        if state is not None and runs.holds(value, state):
            return "last" if turn == len(log.steps) else turn
    return "other"


def share_agrees(student: Student, probe: Probe) -> Evidence:
    """Compare what check_accuracy measures with the share of hits among what it looked at."""
    run = scripted(probe, best=2)
    count = len(run.data["y_val"])
    batch_size, samples = ((5, None), (4, 7), (100, None))[probe.draw]
    args = (
        {**run.settings, "optim_config": {"learning_rate": run.rate}},
        dict(run.data),
        dict(run.params),
        samples,
        batch_size,
        {key: turns[:1] for key, turns in (run.plan or {}).items()},
    )
    answer = student.call(ACCURACY, *args, lent=runs.book_rules())
    if answer.problem is not None:
        return runs.needed(contract.from_problem(answer.problem, ACCURACY))
    value = answer.value if isinstance(answer.value, dict) else {}
    asked = np.asarray(value.get("asked", np.zeros((0, 2)))).reshape(-1, 2)[:, 0]
    rows = np.asarray(value.get("rows", np.zeros(0))) - VALIDATION
    assert run.plan is not None
    detail: dict[str, object] = {"name": "check_accuracy", "split": "val", "count": len(rows)}
    inputs = {**run.shown, "num_samples": str(samples), "batch_size": batch_size}
    if len(rows) != (samples or count):
        detail |= {"what": "samples", "asked": samples or count, "samples": samples, "N": count}
        return Evidence("looked", {**detail, "batch_size": batch_size}, 1.0, 0.5, inputs)
    if asked.max(initial=0) > batch_size:
        detail |= {"what": "batch", "most": int(asked.max()), "batch_size": batch_size}
        return Evidence("looked", detail, 1.0, 0.5, inputs)
    hits = int((rows < run.plan["val"][0]).sum())
    yours, against = contract.numbers(value.get("accuracy"), ACCURACY, "accuracy", ())
    if value.get("accuracy") is None:
        return Evidence("returned_none", {"function": ACCURACY, "asked": ("accuracy",)})
    if against is not None:
        return against
    detail |= {"yours": float(yours), "right": hits / len(rows), "hits": hits, "at": ""}
    return Evidence("accuracy", detail, abs(float(yours) - hits / len(rows)), 1e-6, inputs)
