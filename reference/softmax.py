# Generated from book/softmax.md: edit there, then `make tangle`.
"""From scores to a loss: softmax and the hinge, derived in the chapter "softmax"."""

import numpy as np


def softmax_loss(x, y):
    """Give the mean cross-entropy of a batch of scores, and its gradient.

    Derived in the chapter "softmax": eq-softmax-loss-lse, with the shift of
    eq-softmax-lse so that scores of +-1000 are as good as any; eq-softmax-dx.

    Args:
        x: scores, one row per example, shape (N, C).
        y: the right classes, shape (N,), integers from 0 to C - 1.

    Returns:
        ``(loss, dx)``: the mean over the batch of -log p[right class], in nats,
        and its gradient with respect to ``x``, shape (N, C).
    """
    N, C = x.shape

    z = x - x.max(axis=1, keepdims=True)      # eq-softmax-shift
    lse = np.log(np.exp(z).sum(axis=1))       # eq-softmax-lse
    loss = (lse - z[np.arange(N), y]).mean()  # eq-softmax-loss, as in eq-softmax-loss-lse

    p = np.exp(z - lse[:, None])              # eq-softmax-p
    Y = y[:, None] == np.arange(C)            # eq-notation-one-hot
    dx = (p - Y) / N                          # eq-softmax-dx
    return loss, dx


def svm_loss(x, y):
    """Give the mean hinge loss of a batch of scores, and its gradient.

    Derived in the chapter "softmax": eq-softmax-hinge, eq-softmax-hinge-dx.
    The margin is 1. At a bend the slope from the left is taken, with which a
    margin that is just met wants nothing.

    Args:
        x: scores, one row per example, shape (N, C).
        y: the right classes, shape (N,), integers from 0 to C - 1.

    Returns:
        ``(loss, dx)``: the mean over the batch of all missing margins, and its
        gradient with respect to ``x``, shape (N, C).
    """
    rows = np.arange(len(x))

    missing = np.maximum(0, x - x[rows, y][:, None] + 1)  # eq-softmax-hinge
    missing[rows, y] = 0
    loss = missing.sum() / len(x)

    wanted = (missing > 0).astype(x.dtype)                # eq-softmax-hinge-dx
    wanted[rows, y] = -wanted.sum(axis=1)
    return loss, wanted / len(x)
