"""A known mistake is called by its own sentence, in whatever style it is written."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

import reference
from checks.exercises import EXERCISES, by_name
from checks.mistakes import MISTAKES
from checks.model import FAIL, Diagnosis, Report
from checks.naming import misnamed, named
from checks.run import run
from checks.show.cards import Ways, cards
from checks.student import Files, InProcess

RIGHT = {name: getattr(reference, name) for name in reference.__all__}
ALL = {one.name: one for one in EXERCISES}


def judged(function: str, text: str, seed: int = 7) -> Report:
    """What comes of a text, in a file of its own, beside the book's functions."""
    space: dict[str, Any] = {"np": np, **RIGHT}
    exec(textwrap.dedent(text), space)
    return run(
        [by_name(function)], InProcess({**RIGHT, function: space[function]}), seed, name=named
    )


def diagnosed(report: Report) -> Diagnosis | None:
    return next((one.diagnosis for one in report.outcomes if one.diagnosis), None)


@pytest.mark.parametrize("seed", [3, 8])  # `make prove` takes two hundred
def test_every_mistake_is_named_by_its_own_sentence(seed: int) -> None:
    """Each entry of the catalogue is called by its own sentence, and by no other's."""
    assert misnamed([seed]) == []


OTHERWISE = {
    "affine_backward/db_is_a_mean": """
        def affine_backward(dout, cache):
            x, w, b = cache
            N, M = dout.shape
            db = np.zeros(M)
            for m in range(M):
                for n in range(N):
                    db[m] += dout[n, m] / N
            dw = np.einsum("nd,nm->dm", x.reshape(N, -1), dout)
            dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
            return dx, dw, db
    """,
    "affine_backward/dw_is_transposed": """
        def affine_backward(dout, cache):
            x, w, b = cache
            N, M = dout.shape
            dw = np.zeros((M, w.shape[0]))
            for n in range(N):
                dw = dw + np.outer(dout[n], x[n].ravel())
            return dout.dot(w.T).reshape(*x.shape), dw, dout.T @ np.ones(N)
    """,
    "relu_backward/mask_of_dout": """
        def relu_backward(dout, cache):
            dx = dout.copy()
            dx[dx < 0] = 0
            return dx
    """,
    "softmax_loss/without_onehot": """
        def softmax_loss(x, y):
            N = x.shape[0]
            total, dx = 0.0, np.zeros(x.shape)
            for i in range(N):
                s = x[i] - np.max(x[i])
                log_sum = np.log(np.sum(np.exp(s)))
                total += log_sum - s[y[i]]
                dx[i] = np.exp(s - log_sum)
            return total / N, dx / N
    """,
    "adam/no_correction": """
        def adam(x, dx, config=None):
            config = dict(config or {})
            for key, value in (("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999),
                               ("epsilon", 1e-8), ("t", 0)):
                config.setdefault(key, value)
            config["t"] += 1
            one, two = config["beta1"], config["beta2"]
            config["m"] = (1 - one) * dx + one * config.get("m", np.zeros(x.shape))
            config["v"] = (1 - two) * dx * dx + two * config.get("v", np.zeros(x.shape))
            root = config["v"] ** 0.5
            return x - config["learning_rate"] * config["m"] / (root + config["epsilon"]), config
    """,
    "rmsprop/eps_inside_root": """
        def rmsprop(x, dx, config=None):
            given = {} if config is None else config
            rate = given.setdefault("learning_rate", 1e-2)
            rho = given.setdefault("decay_rate", 0.99)
            eps = given.setdefault("epsilon", 1e-8)
            cache = given.setdefault("cache", np.zeros(x.shape))
            given["cache"] = (1 - rho) * np.square(dx) + rho * cache
            return x - dx * rate * (given["cache"] + eps) ** -0.5, given
    """,
    "TwoLayerNet/decay_halved": """
        class TwoLayerNet(object):
            def __init__(self, input_dim=3072, hidden_dim=100, num_classes=10,
                         weight_scale=1e-3, reg=0.0):
                self.params, self.reg = {}, reg
                self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
                self.params["b1"] = np.zeros(hidden_dim)
                self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
                self.params["b2"] = np.zeros(num_classes)

            def loss(self, X, y=None):
                p = self.params
                h, first = affine_relu_forward(X, p["W1"], p["b1"])
                scores, second = affine_forward(h, p["W2"], p["b2"])
                if y is None:
                    return scores
                loss, dscores = softmax_loss(scores, y)
                loss += 0.5 * self.reg * sum(np.sum(p[k] * p[k]) for k in ("W1", "W2"))
                grads = {}
                dh, grads["W2"], grads["b2"] = affine_backward(dscores, second)
                dx, grads["W1"], grads["b1"] = affine_relu_backward(dh, first)
                for k in ("W1", "W2"):
                    grads[k] += 0.5 * self.reg * p[k]
                return loss, grads
    """,
}


@pytest.mark.parametrize("mistake", OTHERWISE)
def test_a_mistake_is_named_in_another_style(mistake: str) -> None:
    """Loops, einsum or layers for inline maths: the numbers name the mistake, not the text."""
    for seed in (7, 21):
        found = diagnosed(judged(mistake.partition("/")[0], OTHERWISE[mistake], seed))
        assert found is not None
        assert found.mistake == mistake


UNKNOWN = {
    "affine_backward": """
        def affine_backward(dout, cache):
            dx, dw, db = RIGHT(dout, cache)
            return dx, dw, db + 0.01 * np.arange(len(db))
    """,
    "softmax_loss": """
        def softmax_loss(x, y):
            loss, dx = RIGHT(x, y)
            return 1.37 * loss, dx
    """,
    "relu_forward": """
        def relu_forward(x):
            return np.maximum(x, 0) ** 1.01, x
    """,
}


@pytest.mark.parametrize("function", UNKNOWN)
def test_what_is_not_known_has_no_name(function: str) -> None:
    """Wrong numbers that no entry of the catalogue gives are called nothing."""
    space = UNKNOWN[function].replace("RIGHT", f"reference.{function}")
    report = judged(function, "import reference\n" + textwrap.dedent(space))
    assert any(one.state == FAIL for one in report.outcomes)
    assert diagnosed(report) is None


def test_labels_of_other_rows_are_not_those_drawn_apart() -> None:
    """Labels that are the same in every step are wrong, and not called drawn each for itself."""
    text = next(one.text for one in MISTAKES if one.name == "labels_drawn_separately")
    drawn = "y[self.rng.integers(len(X), size=self.batch_size)]"
    assert drawn in text
    assert diagnosed(judged("Solver", text)) is not None
    report = judged("Solver", text.replace(drawn, "y[: self.batch_size]"))
    assert any(one.state == FAIL for one in report.outcomes)
    assert diagnosed(report) is None


def test_two_hints_are_the_sentence_and_the_equation() -> None:
    """The first hint is the sentence of the mistake; the second names an equation."""
    for name in OTHERWISE:
        function = name.partition("/")[0]
        report = judged(function, OTHERWISE[name])
        found = diagnosed(report)
        assert found is not None
        assert found.equation.startswith("eq-")
        one, two = (cards(report, ALL, Ways(), hints)[0].advice for hints in (1, 2))
        assert found.sentence in one
        assert any(found.equation in line for line in two)
        assert found.sentence not in " ".join(two)


# What REFERENCE lists from public solutions, by function: each row is an entry that runs.
SEEN = {
    "adam": (
        *("no_correction", "t_not_written_back", "t_frozen", "t_before_increment"),
        *("eps_under_root", "square_for_power", "power_of_the_rest", "corrected_ones_stored"),
    ),
    "rmsprop": (
        *("eps_inside_root", "eps_hard_coded", "no_root", "root_times_eps"),
        *("cache_accumulates_twice", "key_without_quotes"),
    ),
    "sgd_momentum": ("nesterov", "rate_outside", "key_misspelt"),
    "softmax_loss": ("shift_in_place", "constant_inside_log", "without_shift", "log_of_zero"),
    "affine_forward": ("without_flattening", "name_undefined"),
    "affine_backward": ("db_keeps_an_axis", "dx_stays_flat"),
    "relu_forward": ("loops_for_two_axes", "mask_returned", "x_changed"),
    "relu_backward": ("loops_back_for_two_axes", "mask_is_dx"),
    "TwoLayerNet": (
        *("relu_on_the_scores", "no_relu", "dw2_from_before_the_relu", "b1_as_long_as_the_input"),
        *("scalar_biases", "b1_without_a_gradient", "weight_scale_ignored", "uniform_weights"),
    ),
    "FullyConnectedNet": (
        *("last_weights_unregularised", "layers_numbered_from_0", "keys_are_pairs"),
        *("a_layer_missing", "relu_on_the_scores", "no_relu", "last_layer_ignores_weight_scale"),
        *("one_gradient_too_many", "name_misspelt"),
    ),
}


def test_faults_of_public_solutions_are_in_the_catalogue() -> None:
    """Every fault that was seen in public solutions is an entry that runs, with its sentence."""
    known = {(one.function, one.name) for one in MISTAKES}
    asked = {(function, name) for function, names in SEEN.items() for name in names}
    assert asked <= known


LET_PASS = {
    "relu_backward": "def relu_backward(dout, cache):\n    dout[cache <= 0] = 0\n    return dout\n",
    "adam": """
        def adam(w, dw, config=None):
            config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                      "m": np.zeros_like(w), "v": np.zeros_like(w), "t": 1, **(config or {})}
            t = config["t"] = config["t"] + 1
            m = config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
            v = config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
            m, v = m / (1 - config["beta1"] ** t), v / (1 - config["beta2"] ** t)
            return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config
    """,
}


@pytest.mark.parametrize("function", LET_PASS)
def test_what_is_let_pass_is_a_remark(function: str) -> None:
    """A dout that is written into and a t that starts at 1 are remarks, and cost nothing."""
    report = judged(function, LET_PASS[function])
    assert not [one for one in report.outcomes if one.state == FAIL]
    assert {one.kind for one in report.remarks} & {"in_place", "late_start"}


# Code that raises: what a reader is told about the cause, of files that are loaded as ever.
RAISES = {
    "without numpy": (
        "def relu_forward(x):\n    return np.maximum(x, 0), x\n",
        "import numpy as np",
    ),
    "near name": (
        "def relu_forward(x):\n    outcome = x * (x > 0)\n    return outcom, x\n",
        "There is one called outcome.",
    ),
    "both shapes": (
        "def relu_forward(x):\n    w = x[:1].T\n    return x + w[..., :0].sum(axis=-1)[:2], x\n",
        "In that line: x (",
    ),
    "key": (
        "def relu_forward(x):\n    kept = {'mask': x > 0}\n    return x * kept['msk'], x\n",
        "kept has 'mask'.",
    ),
    "attribute": (
        "class Kept:\n    def __init__(self): self.mask = 1\n\n\n"
        "def relu_forward(x):\n    return x * Kept().masc, x\n",
        "There is one called mask.",
    ),
    "missing return": (
        "def halves(x):\n    x > 0, x < 0\n\n\ndef relu_forward(x):\n    a, b = halves(x)\n"
        "    return x * a, x\n",
        "A function called there returns None.",
    ),
    "before its value": (
        "def relu_forward(x):\n    if x.ndim > 9:\n        out = x\n    return out, x\n",
        "further down, or in a branch not taken",
    ),
    "truth of an array": (
        "def relu_forward(x):\n    if x > 0:\n        return x, x\n    return 0 * x, x\n",
        "np.where or a mask",
    ),
    "recursion": ("def relu_forward(x):\n    return relu_forward(x)\n", "nothing ends that"),
    "deep inside": (
        "def helper(x):\n    return x[0, 0, 0, 0, 0]\n\n\ndef relu_forward(x):\n"
        "    return helper(x), x\n",
        "in helper, called at relu.py:6",
    ),
}


@pytest.mark.parametrize("what", RAISES)
def test_an_exception_is_told_with_its_usual_cause(what: str) -> None:
    """Code that raises is told by its own line, in a sentence, with what usually causes it."""
    text, words = RAISES[what]
    student = InProcess(Files({"relu.py": text}), {"relu_forward": "relu"})
    try:
        report = run([by_name("relu_forward")], student, 7)
    finally:
        student.close()
    (card,) = cards(report, ALL, Ways())
    assert card.title.startswith("relu_forward: not yet (raises ")
    assert " at relu.py:" in card.evidence[0]
    assert any(words in line for line in card.evidence)


def test_the_first_line_says_where_to_look() -> None:
    """A card's first line names the function, and what of it: an array, or what it does."""
    for name, words in (
        ("affine_backward/db_is_a_mean", "affine_backward / db: not yet (the numbers of db)"),
        ("affine_backward/dw_is_transposed", "affine_backward / dw: not yet (the shape of dw)"),
        ("TwoLayerNet/decay_halved", "TwoLayerNet / dW1: not yet (the numbers of grads['W1'])"),
    ):
        report = judged(name.partition("/")[0], OTHERWISE[name])
        assert cards(report, ALL, Ways())[0].title == words
