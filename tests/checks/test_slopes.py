"""Slopes: psi(t) is what its definition says, and nothing that the code does spoils it."""

import numpy as np
import pytest

from checks.beside.slopes import measure
from checks.beside.trouble import Trouble

STEPS = (1e-3, -1e-3, 5e-4, -5e-4)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def affine(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def drawn(rng):
    x, w, b = rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 5)), rng.normal(size=5)
    return (x, w, b), rng.normal(size=(4, 5))


def test_a_polynomial_exactly():
    """For y = x^2 at 3 along 2, psi(t) is 12 t + 4 t^2."""
    x, v = np.array([3.0]), np.array([2.0])
    psi = measure(lambda x: x * x, (x,), {0: v}, (0.5, -0.25), np.ones(1))
    assert np.array_equal(psi, [12 * 0.5 + 4 * 0.25, -12 * 0.25 + 4 / 16])


def test_several_arguments_at_once(rng):
    """Moving x, w and b together gives the slope of the joint direction, cross terms included."""
    args, u = drawn(rng)
    move = {i: rng.normal(size=arg.shape) for i, arg in enumerate(args)}
    psi = measure(affine, args, move, STEPS, u)
    for t, found in zip(STEPS, psi, strict=True):
        there = affine(*(arg + t * move[i] for i, arg in enumerate(args)))[0]
        # eps times the size of the outputs: both sides round once for each of 20 sums
        assert found == pytest.approx(np.sum(u * (there - affine(*args)[0])), abs=1e-13)
    assert psi.dtype == np.float64


def test_the_difference_comes_before_the_sum():
    """A large constant in the output costs no digits of the others' slope."""
    psi = measure(
        lambda x: np.array([1e12, 0.0]) + x,
        (np.zeros(2),),
        {0: np.array([0.0, 1.0])},
        (1e-6,),
        np.ones(2),
    )
    assert psi[0] == 1e-6


def test_a_loss(rng):
    """Without weights the result is one number, and psi its difference."""

    def loss(x, y):
        return float(np.sum(x[np.arange(len(x)), y])), x

    x, v = rng.normal(size=(2, 3, 4))
    y = np.array([0, 3, 1])
    psi = measure(loss, (x, y), {0: v}, (0.5,))
    # three sums of numbers near 1 in another order: a few eps
    assert psi[0] == pytest.approx(0.5 * v[np.arange(3), y].sum(), rel=1e-14, abs=1e-14)


def test_another_result_and_none_but_it(rng):
    """``take`` chooses the result of a tuple or a list."""
    x = rng.normal(size=3)
    for kind in (tuple, list):
        psi = measure(lambda x, kind=kind: kind((None, 2 * x)), (x,), {0: x}, (1.0,), x, 1)
        assert psi[0] == pytest.approx(2 * x @ x, rel=1e-14)  # three products


def test_a_part_of_an_argument(rng):
    """A path moves one array within a dict, as the parameters of a net will need."""
    params = {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3)}
    x, v = rng.normal(size=(4, 2)), rng.normal(size=(2, 3))
    psi = measure(
        lambda p, x: x @ p["W1"] + p["b1"], (params, x), {(0, "W1"): v}, (0.5,), np.ones((4, 3))
    )
    assert psi[0] == pytest.approx(0.5 * (x @ v).sum(), rel=1e-12)  # 24 sums near 1


def test_float32_is_measured_in_float64(rng):
    """Inputs in float32 are cast up first, so that a small step is not lost."""
    x = np.full(3, 1000.0, np.float32)
    psi = measure(lambda x: x + 0, (x,), {0: np.ones(3)}, (1e-8,), np.ones(3))
    assert psi[0] == pytest.approx(3e-8, rel=1e-4)  # eps * 1000 / 1e-8


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x, out: x.fill(7.0),
        lambda x, out: out.fill(np.nan) if out.base is None else None,
    ],
)
def test_code_that_spoils_its_arguments(spoil):
    """A function that overwrites its arguments after use is measured as if it did not."""
    x = np.array([1.0, 2.0])

    def f(x):
        out = x * x
        spoil(x, x)
        return out

    psi = measure(f, (x,), {0: np.ones(2)}, (0.5, 0.5), np.ones(2))
    assert np.array_equal(psi, [1.25 + 2.25] * 2)
    assert np.array_equal(x, [1.0, 2.0])


def test_code_that_returns_the_same_array_each_time():
    """A function that writes all its results into one array is measured right."""
    out = np.zeros(1)

    def f(x):
        out[:] = x
        return out

    assert measure(f, (np.ones(1),), {0: np.ones(1)}, (2.0,), np.ones(1))[0] == 2.0


@pytest.mark.parametrize(
    "result",
    [
        None,
        "text",
        np.zeros((2, 1)),
        np.zeros(()),
        3.0,
        (),
        np.array([1j, 2]),
        np.array([None, "a"]),
        ([[1, 2], [3]],),
        np.array(["1.0", "2.0"]),
    ],
    ids=str,
)
def test_what_cannot_be_measured(result):
    """A result that is not an array of numbers in the weights' shape is told, not broadcast."""
    with pytest.raises(Trouble) as caught:
        measure(lambda x: result, (np.zeros(2),), {0: np.ones(2)}, (1.0,), np.ones(2))
    assert caught.value.kind == "raised"
    assert caught.value.detail["message"]


def test_what_is_not_finite_passes_through():
    """nan and inf in a result reach the judge as they are."""
    with np.errstate(all="ignore"):
        psi = measure(np.log, (np.ones(1),), {0: np.ones(1)}, (-2.0, -1.0), np.ones(1))
    assert np.isnan(psi[0])
    assert psi[1] == -np.inf


@pytest.mark.parametrize("result", [None, "3.0", 1j, np.zeros(1)], ids=str)
def test_what_is_no_loss(result):
    """Where one number is wanted, None, a text, a complex number or an array is told."""
    with pytest.raises(Trouble):
        measure(lambda x: result, (np.zeros(2),), {0: np.ones(2)}, (1.0,))


@pytest.mark.parametrize(
    ("arg", "direction", "error"),
    [
        (np.array([1, 2]), np.ones(2), TypeError),
        (3.0, np.ones(()), TypeError),
        (np.zeros(2), np.ones((2, 1)), ValueError),
        (np.zeros((2, 3)), np.ones(3), ValueError),
    ],
)
def test_a_judge_that_asks_for_the_impossible(arg, direction, error):
    """Labels do not move, and a direction has the shape of its array."""
    with pytest.raises(error):
        measure(lambda x: x, (arg,), {0: direction}, (1.0,), np.ones(2))
