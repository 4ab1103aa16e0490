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


@MISTAKES.variant("svm_loss", "The right class is counted among the others, and costs its margin.")
def right_class_counted(x, y):
    N = len(x)
    gap = x - x[np.arange(N), y][:, None] + 1
    missing = np.maximum(0, gap)
    wanted = (missing > 0).astype(float)
    wanted[np.arange(N), y] -= wanted.sum(axis=1)
    return missing.sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "The losses are added up and not averaged.")
def hinge_is_a_sum(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    missing[np.arange(N), y] = 0
    wanted = (missing > 0).astype(float)
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return missing.sum(), wanted / N


@MISTAKES.variant("svm_loss", "dx belongs to the sum of the losses, and the loss is their mean.")
def hinge_dx_of_the_sum(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    missing[np.arange(N), y] = 0
    wanted = (missing > 0).astype(float)
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return missing.sum() / N, wanted


@MISTAKES.variant("svm_loss", "The right class gets -1, however many classes want more from it.")
def right_class_pulled_once(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    missing[np.arange(N), y] = 0
    wanted = (missing > 0).astype(float)
    wanted[np.arange(N), y] = -1
    return missing.sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "The right class gets no gradient at all.")
def right_class_forgotten(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    missing[np.arange(N), y] = 0
    wanted = (missing > 0).astype(float)
    return missing.sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "No margin is asked for: who is ahead by a hair is content.")
def without_margin(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None])
    missing[np.arange(N), y] = 0
    wanted = (missing > 0).astype(float)
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return missing.sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "The margin is taken off instead of being added.")
def margin_taken_off(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None] - 1)
    missing[np.arange(N), y] = 0
    wanted = (missing > 0).astype(float)
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return missing.sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "Only the strongest rival counts, where all that are too near do.")
def strongest_rival_only(x, y):
    N = len(x)
    gap = x - x[np.arange(N), y][:, None] + 1
    gap[np.arange(N), y] = 0
    rival = gap.argmax(axis=1)
    missing = gap[np.arange(N), rival]
    dx = np.zeros_like(x)
    dx[np.arange(N), rival] += missing > 0
    dx[np.arange(N), y] -= missing > 0
    return missing.mean(), dx / N


@MISTAKES.variant("svm_loss", "dx is that of squared margins: 2 * missing, where a 1 belongs.")
def slope_of_a_square(x, y):
    N = len(x)
    missing = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    missing[np.arange(N), y] = 0
    wanted = 2 * missing
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return missing.sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "The gaps are written into the caller's scores.")
def gaps_in_place(x, y):
    N = len(x)
    x -= x[np.arange(N), y][:, None] - 1
    x[np.arange(N), y] = 0
    wanted = (x > 0).astype(float)
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return np.maximum(0, x).sum() / N, wanted / N


@MISTAKES.variant("svm_loss", "The slope is a gap over its own size, and that is 0 / 0 at a bend.")
def slope_by_division(x, y):
    N = len(x)
    gap = x - x[np.arange(N), y][:, None] + 1
    gap[np.arange(N), y] = -1
    missing = np.maximum(0, gap)
    wanted = missing / np.abs(gap)
    wanted[np.arange(N), y] = -wanted.sum(axis=1)
    return missing.sum() / N, wanted / N
