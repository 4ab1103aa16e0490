"""A rule for a step is a definition, so what is proved of it are its properties.

Most are proved on symbols: the code of ``reference`` itself computes formulas.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reference import adam, rmsprop, sgd, sgd_momentum
from tests.symbols import Symbol, plain, symbols

T = 4
RATE, MU, RHO, B1, B2, EPS = sp.symbols("eta mu rho beta1 beta2 epsilon", positive=True)


def walk(rule: Callable[..., Any], gradients: list[Any], **settings: Any) -> list[Any]:
    """The states after each step of a rule on symbols, as ``(w, config)``, from w = 0."""
    config = {name: Symbol(value) for name, value in settings.items()}
    w, found = np.array([Symbol(0)]), []
    for g in gradients:
        w, config = rule(w, np.array([Symbol(g)]), config)
        found.append((plain(w[0]), config))
    return found


def same(one: Any, other: Any) -> bool:
    return sp.simplify(one - other) == 0


G = [plain(g) for g in symbols("g", T, signs=np.ones(T))]


def test_velocity_is_a_sum_of_all_gradients() -> None:
    """v after T steps is -eta times the sum of mu**age g, as the recursion unrolled says."""
    w, config = walk(sgd_momentum, G, learning_rate=RATE, momentum=MU)[-1]
    unrolled = -RATE * sum(MU ** (T - 1 - s) * g for s, g in enumerate(G))
    assert same(plain(config["velocity"][0]), unrolled)
    assert same(w, sum(-RATE * g * sum(MU**k for k in range(T - s)) for s, g in enumerate(G)))


def test_constant_gradient_makes_momentum_a_longer_step() -> None:
    """Under a constant gradient the velocity tends to -eta g / (1 - mu)."""
    g = sp.Symbol("g", positive=True)
    _, config = walk(sgd_momentum, [g] * T, learning_rate=RATE, momentum=MU)[-1]
    assert same(plain(config["velocity"][0]), -RATE * g * (1 - MU**T) / (1 - MU))


def pytorch_momentum(gradients: list[Any], rates: list[Any]) -> Any:
    """The other convention: the buffer holds no rate, which multiplies the whole of it."""
    w, buffer = sp.Integer(0), sp.Integer(0)
    for g, rate in zip(gradients, rates, strict=True):
        buffer = MU * buffer + g
        w = w - rate * buffer
    return w


def test_conventions_agree_at_a_constant_rate_and_part_under_decay() -> None:
    """PyTorch's momentum walks the same path at one rate, and another one once it falls."""
    ours = walk(sgd_momentum, G, learning_rate=RATE, momentum=MU)
    for t, (w, _) in enumerate(ours, 1):
        assert same(w, pytorch_momentum(G[:t], [RATE] * t))
    w, config = np.array([Symbol(0)]), {"learning_rate": Symbol(RATE), "momentum": Symbol(MU)}
    w, config = sgd_momentum(w, np.array([Symbol(G[0])]), config)
    config["learning_rate"] = Symbol(RATE / 2)
    w, _ = sgd_momentum(w, np.array([Symbol(G[1])]), config)
    theirs = pytorch_momentum(G[:2], [RATE, RATE / 2])
    assert same(theirs - plain(w[0]), MU * RATE * G[0] / 2)  # what old gradients keep of their rate


def test_momentum_zero_is_sgd() -> None:
    """Without momentum the rule is the plain step."""
    ours = walk(sgd_momentum, G, learning_rate=RATE, momentum=0)[-1][0]
    assert same(ours, walk(sgd, G, learning_rate=RATE)[-1][0])


def test_cache_of_rmsprop_is_a_fading_mean() -> None:
    """c after T steps is (1 - rho) times the sum of rho**age g**2."""
    _, config = walk(rmsprop, G, learning_rate=RATE, decay_rate=RHO, epsilon=EPS)[-1]
    unrolled = (1 - RHO) * sum(RHO ** (T - 1 - s) * g**2 for s, g in enumerate(G))
    assert same(plain(config["cache"][0]), unrolled)


def test_first_step_of_rmsprop_is_too_long() -> None:
    """Without epsilon the first step is eta / sqrt(1 - rho), whatever the gradient."""
    w, _ = walk(rmsprop, G[:1], learning_rate=RATE, decay_rate=RHO, epsilon=EPS)[0]
    assert same(sp.limit(w, EPS, 0), -RATE / sp.sqrt(1 - RHO))


def test_means_of_adam_are_corrected_sums() -> None:
    """m and v are fading means, and a constant gradient is given back by both corrections."""
    settings = {"learning_rate": RATE, "beta1": B1, "beta2": B2, "epsilon": EPS}
    _, config = walk(adam, G, **settings)[-1]
    assert same(
        plain(config["m"][0]), (1 - B1) * sum(B1 ** (T - 1 - s) * g for s, g in enumerate(G))
    )
    squares = sum(B2 ** (T - 1 - s) * g**2 for s, g in enumerate(G))
    assert same(plain(config["v"][0]), (1 - B2) * squares)

    mean = sp.Symbol("g", positive=True)  # E[m_t] is linear in the gradients: their mean will do
    for t, (_, config) in enumerate(walk(adam, [mean] * T, **settings), 1):
        assert config["t"] == t
        assert same(plain(config["m"][0]), (1 - B1**t) * mean)
        assert same(plain(config["v"][0]), (1 - B2**t) * mean**2)


def test_first_step_of_adam_is_the_rate() -> None:
    """As epsilon goes to 0, Adam's first step is -eta sign(g)."""
    settings = {"learning_rate": RATE, "beta1": B1, "beta2": B2, "epsilon": EPS}
    for sign in (1, -1):
        w, _ = walk(adam, [sign * G[0]], **settings)[0]
        assert same(sp.limit(w, EPS, 0), -sign * RATE)


@pytest.mark.parametrize("rule", [rmsprop, adam])
def test_scale_of_the_gradient_does_not_matter(rule: Callable[..., Any]) -> None:
    """Without epsilon, gradients a thousand times as long lead along the same path."""
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((20, 3))
    paths = []
    for scale in (1.0, 1000.0, 1e-6):
        w, config = np.ones(3), {"epsilon": 0.0}
        for g in gradients:
            w, config = rule(w, scale * g, config)
        paths.append(w)
    # a product with 1000 rounds each gradient, which moves a path of 20 steps by a few roundings
    assert np.allclose(paths[1], paths[0], rtol=1e-13)
    assert np.allclose(paths[2], paths[0], rtol=1e-13)


@pytest.mark.parametrize("rule", [sgd, sgd_momentum])
def test_scale_matters_where_nothing_is_divided(rule: Callable[..., Any]) -> None:
    """SGD and momentum go a thousand times as far on gradients a thousand times as long."""
    g, w, far = np.array([0.3, -2.0]), np.zeros(2), np.zeros(2)
    config, config_far = None, None
    for _ in range(5):
        w, config = rule(w, g, config)
        far, config_far = rule(far, 1000 * g, config_far)
    assert np.allclose(far, 1000 * w, rtol=1e-13)


@pytest.mark.parametrize("rule", [sgd, sgd_momentum, rmsprop, adam])
def test_rules_are_pure(rule: Callable[..., Any]) -> None:
    """A rule changes neither w nor dw nor the config that it was given, nor a state in it."""
    rng = np.random.default_rng(1)
    w, dw = rng.standard_normal((2, 4, 3))
    _, config = rule(w, dw)
    kept = {k: np.copy(v) for k, v in config.items()}
    w0, dw0 = w.copy(), dw.copy()
    next_w, after = rule(w, dw, config)
    assert np.array_equal(w, w0)
    assert np.array_equal(dw, dw0)
    assert config.keys() == kept.keys()
    assert all(np.array_equal(config[name], kept[name]) for name in kept)
    assert after is not config
    assert not np.shares_memory(next_w, w)
    assert next_w.dtype == w.dtype
    single = rule(w.astype(np.float32), dw.astype(np.float32))[0]
    assert single.dtype == np.float32


@pytest.mark.parametrize("rule", [sgd, sgd_momentum, rmsprop, adam])
def test_zero_gradient_from_rest_moves_nothing(rule: Callable[..., Any]) -> None:
    """Where the gradient has always been 0, no rule takes a step."""
    w, config = np.array([1.0, -2.0]), None
    for _ in range(3):
        w, config = rule(w, np.zeros(2), config)
    assert np.array_equal(w, [1.0, -2.0])
