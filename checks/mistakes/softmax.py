"""Mistakes in softmax and cross-entropy."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


@MISTAKES.variant("softmax_loss", "Nothing is subtracted before exp, which overflows at 710.")
def without_shift(x, y):
    N = len(x)
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).mean()
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@MISTAKES.variant("softmax_loss", "The log is taken of a probability that may have become 0.")
def log_of_zero(x, y):
    N = len(x)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y]).mean()
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@MISTAKES.variant(
    "softmax_loss", "A small constant inside the log hides its overflow and shifts it."
)
def constant_inside_log(x, y):
    N = len(x)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(N), y] + 1e-5).mean()
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@MISTAKES.variant("softmax_loss", "The shift is written into the caller's scores.")
def shift_in_place(x, y):
    N = len(x)
    x -= x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(x).sum(axis=1))
    loss = (lse - x[np.arange(N), y]).mean()
    dx = np.exp(x - lse[:, None])
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@MISTAKES.variant(
    "softmax_loss", "dx belongs to the sum of the losses, and the loss is their mean."
)
def dx_of_the_sum(x, y):
    N = len(x)
    z = x - x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=1))
    loss = (lse - z[np.arange(N), y]).mean()
    dx = np.exp(z - lse[:, None])
    dx[np.arange(N), y] -= 1
    return loss, dx


@MISTAKES.variant("softmax_loss", "The losses are added up and not averaged.")
def loss_is_a_sum(x, y):
    N = len(x)
    z = x - x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=1))
    loss = (lse - z[np.arange(N), y]).sum()
    dx = np.exp(z - lse[:, None])
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@MISTAKES.variant("softmax_loss", "dx is p / N: the 1 of the right class is not taken away.")
def without_onehot(x, y):
    N = len(x)
    z = x - x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=1))
    loss = (lse - z[np.arange(N), y]).mean()
    dx = np.exp(z - lse[:, None])
    return loss, dx / N


@MISTAKES.variant("softmax_loss", "The probabilities are normalised over the batch.")
def over_the_wrong_axis(x, y):
    N = len(x)
    z = x - x.max(axis=0)
    lse = np.log(np.exp(z).sum(axis=0))
    logp = z - lse
    loss = -logp[np.arange(N), y].mean()
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@MISTAKES.variant("softmax_loss", "dx has the sign of a step, and a gradient points uphill.")
def sign_turned(x, y):
    N = len(x)
    z = x - x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=1))
    loss = (lse - z[np.arange(N), y]).mean()
    dx = -np.exp(z - lse[:, None])
    dx[np.arange(N), y] += 1
    return loss, dx / N


@MISTAKES.variant("softmax_loss", "The loss is in bits, and its gradient in nats.")
def loss_in_bits(x, y):
    N = len(x)
    z = x - x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=1))
    p = np.exp(z - lse[:, None])
    loss = ((lse - z[np.arange(N), y]) / np.log(2)).mean()
    p[np.arange(N), y] -= 1
    return loss, p / N
