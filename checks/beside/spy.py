"""A net that writes down whatever it is asked, for whoever wants to know what trains it.

It is a linear classifier with a softmax, so its losses and gradients are real. The first
number of every example is its row in the data, and takes no part in the scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

VALIDATION = 100_000  # the row of the first validation example; training examples start at 0
MOST = 5000  # questions: hundreds are asked


class Spy:
    """A net with a log.

    Args:
        params: ``W`` (D, C) and ``b`` (C,); copied.
        data: X_train, y_train, X_val, y_val; an example holds its row and D numbers.
        plan: how many examples of ``train`` and of ``val`` are to get the right score
            once the parameters have changed that many times; None for true scores.

    Attributes:
        params: what a solver changes.
    """

    def __init__(
        self,
        params: Mapping[str, Array],
        data: Mapping[str, Array],
        plan: Mapping[str, Array] | None = None,
    ) -> None:
        self.params: dict[str, Array] = {name: value.copy() for name, value in params.items()}
        self._labels = {"train": data["y_train"].copy(), "val": data["y_val"].copy()}
        self._whole = {"train": data["X_train"].copy(), "val": data["X_val"].copy()}
        self._plan = plan
        self._turns: dict[bytes, int] = {}
        self._log: list[tuple[Array, Array, Array, float, bool]] = []

    def loss(self, X: Any, y: Any = None) -> Any:
        """Give the scores of a batch; with labels, the loss and its gradients."""
        X, flat = self._batch(X, y)
        rows, features = flat[:, 0], flat[:, 1:]
        state = np.concatenate([np.ravel(self.params["W"]), np.ravel(self.params["b"])])
        turn = self._turns.setdefault(state.tobytes(), len(self._turns))
        scores = features @ self.params["W"] + self.params["b"]
        if y is None:
            self._note(X, rows, np.zeros(0), state, np.nan)
            return scores if self._plan is None else self._scripted(rows, turn, scores.shape[1])
        value, dscores = _cross_entropy(scores, np.asarray(y))
        self._note(X, rows, np.asarray(y), state, value)
        return value, {"W": features.T @ dscores, "b": dscores.sum(axis=0)}

    def seen(self) -> dict[str, object]:
        """The log: for each question how many rows and labels it had, and all of them in a row."""
        rows, labels, states, losses, true = zip(*self._log, strict=True) if self._log else [()] * 5
        return {
            "asked": np.array([[len(r), len(y)] for r, y in zip(rows, labels, strict=True)]),
            "rows": np.concatenate(rows) if rows else np.zeros(0),
            "labels": np.concatenate(labels).astype(float) if labels else np.zeros(0),
            "states": np.array(states),
            "losses": np.array(losses),
            "untouched": np.array(true, dtype=bool),
        }

    def _batch(self, X: Any, y: Any) -> tuple[Array, Array]:
        """Read a batch as a net does, or say what is wrong with it."""
        X = np.asarray(X)
        example = self._whole["train"].shape[1:]
        if X.shape[1:] != example or X.ndim != 1 + len(example) or not len(X):
            raise ValueError(f"X has the shape {X.shape}, but this net takes (N, {example})")
        if y is not None and np.shape(y) != (len(X),):
            raise ValueError(f"X holds {len(X)} examples, but y has the shape {np.shape(y)}")
        if len(self._log) >= MOST:
            raise RuntimeError(f"the net was asked {MOST} times, and still there is no end")
        return X, X.reshape(len(X), -1)

    def _note(self, X: Array, rows: Array, labels: Array, state: Array, value: float) -> None:
        held_out = rows[0] >= VALIDATION
        whole = self._whole["val" if held_out else "train"]
        at = np.nan_to_num(rows - VALIDATION * held_out, nan=-1).clip(-1, len(whole))
        inside = at.min() >= 0 and at.max() < len(whole)
        true = inside and bool(np.array_equal(whole[at.astype(int)], X))
        self._log.append((rows.copy(), labels.copy(), state, value, true))

    def _scripted(self, rows: Array, turn: int, classes: int) -> Array:
        """Scores that are right for as many examples as the plan says, whatever the weights are."""
        assert self._plan is not None
        scores = np.zeros((len(rows), classes))
        for scored, row in zip(scores, rows, strict=True):
            split, at = ("val", row - VALIDATION) if row >= VALIDATION else ("train", row)
            labels, plan = self._labels[split], self._plan[split]
            if not 0 <= at < len(labels):
                continue
            right = int(labels[int(at)])
            scored[right] = 1.0
            if at >= plan[min(turn, len(plan) - 1)]:
                scored[(right + 1) % classes] = 2.0
            scored[(right + 2) % classes] = -1.0  # never the right one
        return scores


def _cross_entropy(scores: Array, y: Array) -> tuple[float, Array]:
    z = scores - scores.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n = np.arange(len(y))
    dscores = np.exp(log_p)
    dscores[n, y] -= 1
    return float(-log_p[n, y].mean()), dscores / len(y)
