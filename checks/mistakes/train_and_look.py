"""Mistakes in what is measured of a trained net."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf

MISTAKES = Shelf()


@MISTAKES.variant("top_k_accuracy", "The k lowest scores are taken: argsort begins at the bottom.")
def lowest_scores(scores, y, k):
    answers = np.argsort(scores, axis=1)[:, :k]
    return np.mean((answers == y[:, None]).any(axis=1))


@MISTAKES.variant("top_k_accuracy", "The scores are sorted over the examples, not the classes.")
def sorted_over_the_batch(scores, y, k):
    answers = np.argsort(-scores, axis=0)[:, :k]
    return np.mean((answers == y[:, None]).any(axis=1))


@MISTAKES.variant("top_k_accuracy", "Only the k-th answer counts, and not those before it.")
def kth_answer_alone(scores, y, k):
    answers = np.argsort(-scores, axis=1)
    return np.mean(answers[:, k - 1] == y)


@MISTAKES.variant("top_k_accuracy", "One answer too many: as many as k classes may be higher.")
def one_too_many(scores, y, k):
    right = scores[np.arange(len(y)), y]
    higher = (scores > right[:, None]).sum(axis=1)
    return np.mean(higher <= k)


@MISTAKES.variant("top_k_accuracy", "The examples are counted, and not divided by their number.")
def count_of_examples(scores, y, k):
    answers = np.argsort(-scores, axis=1)[:, :k]
    return np.sum(answers == y[:, None])


@MISTAKES.variant("top_k_accuracy", "The mean is taken over the answers as well, so 1/k is lost.")
def mean_over_answers(scores, y, k):
    answers = np.argsort(-scores, axis=1)[:, :k]
    return np.mean(answers == y[:, None])


@MISTAKES.variant("top_k_accuracy", "k is not used.")
def k_ignored(scores, y, k):
    return np.mean(scores.argmax(axis=1) == y)
