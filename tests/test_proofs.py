"""Every gradient of the book proved three ways: by symbols, by numbers, by another's code.

1. Symbols: the code of ``reference`` itself, run on SymPy's expressions. The gradient that it
   gives, less the derivative of the loss that it gives, simplifies to 0.
2. Numbers: central differences of ``reference``, extrapolated to step 0 after Richardson.
3. Another's code: the forward pass written anew for HIPS autograd, which derives the gradient.
"""

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import sympy as sp
from autograd import grad

import reference
from reference import FullyConnectedNet, TwoLayerNet, numeric_gradient, rel_error
from tests.symbols import Symbol, derivative, plain, sign_patterns, symbols, vanishes

Arrays = dict[str, Any]


def affine(x: Any, w: Any, b: Any) -> Any:
    """The affine layer, for autograd."""
    return anp.dot(anp.reshape(x, (len(x), -1)), w) + b


def relu(x: Any) -> Any:
    """The ReLU, for autograd: where x is positive."""
    return anp.where(x > 0, x, 0.0)


def softmax(x: Any, y: Any) -> Any:
    """The cross-entropy, for autograd."""
    return anp.mean(anp.log(anp.sum(anp.exp(x), axis=1)) - x[np.arange(len(y)), y])


def hinge(x: Any, y: Any) -> Any:
    """The hinge loss, for autograd: all margins less those of the right classes, which are 1."""
    lead = x - anp.reshape(x[np.arange(len(y)), y], (-1, 1)) + 1.0
    return (anp.sum(relu(lead)) - len(y)) / len(y)


# A layer gives arrays, which a random dout turns into a loss.

LAYERS: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = {
    "affine": (reference.affine_forward, reference.affine_backward, affine),
    "relu": (reference.relu_forward, reference.relu_backward, relu),
    "affine_relu": (
        reference.affine_relu_forward,
        reference.affine_relu_backward,
        lambda x, w, b: relu(affine(x, w, b)),
    ),
}
SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "affine": ((2, 1, 3), (3, 2), (2,)),
    "relu": ((2, 3),),
    "affine_relu": ((2, 1, 2), (2, 2), (2,)),
}


def numbers(name: str, seed: int) -> list[Any]:
    """Arguments of a layer, of which none is near a kink."""
    rng = np.random.default_rng(seed)
    args = [rng.standard_normal(shape) for shape in SHAPES[name]]
    return [np.copysign(np.maximum(np.abs(a), 0.1), a) for a in args]


def gradients(result: Any) -> Sequence[Any]:
    return result if isinstance(result, tuple) else (result,)


def symbolic_arguments(name: str) -> list[list[Any]]:
    """Arguments in symbols, with every pattern of signs that the kinks tell apart."""
    if name == "affine":
        return [
            [symbols(letter, *shape) for letter, shape in zip("xwb", SHAPES[name], strict=True)]
        ]
    if name == "relu":
        return [[symbols("x", 2, 3, signs=signs)] for signs in sign_patterns(2, 3)]
    return [
        [
            symbols("x", 2, 1, 2, signs=np.ones((2, 1, 2))),
            symbols("w", 2, 2, signs=np.tile(signs, (2, 1))),  # so every unit has one sign
            symbols("b", 2, signs=signs),
        ]
        for signs in sign_patterns(2)
    ]


@pytest.mark.parametrize("name", LAYERS)
def test_symbols_layer(name: str) -> None:
    """The gradients of a layer are the derivatives of its own result, as formulas."""
    forward, backward, _ = LAYERS[name]
    for args in symbolic_arguments(name):
        out, cache = forward(*args)
        dout = symbols("d", *out.shape)
        loss = (dout * out).sum()
        found = gradients(backward(dout, cache))
        for arg, gradient in zip(args, found, strict=True):
            assert vanishes(derivative(loss, arg), gradient)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", LAYERS)
def test_numbers_and_autograd_layer(name: str, seed: int) -> None:
    """The gradients of a layer are its measured slopes, and what autograd derives."""
    forward, backward, anew = LAYERS[name]
    args = numbers(name, seed)
    out, cache = forward(*args)
    dout = np.random.default_rng(seed + 100).standard_normal(out.shape)
    for i, gradient in enumerate(gradients(backward(dout, cache))):

        def loss(value: Any, i: int = i) -> Any:
            return forward(*args[:i], value, *args[i + 1 :])[0]

        # piecewise linear: what is left of the difference is rounding, 1e-16 over the step
        assert rel_error(gradient, richardson(loss, args[i], dout)) < 1e-9
        independent = grad(lambda *a: anp.sum(dout * anew(*a)), i)(*args)
        assert rel_error(gradient, independent) < 1e-14


def richardson(f: Callable[[Any], Any], x: Any, dout: Any = None, h: float = 1e-3) -> Any:
    """Central differences with the part in h squared taken out: their error is of order h**4."""
    wide, narrow = (numeric_gradient(f, x, dout, h=step) for step in (h, h / 2))
    return (4 * narrow - wide) / 3


# A loss takes scores.


def test_symbols_softmax() -> None:
    """dx of softmax_loss is the derivative of its loss, in whichever order the scores are."""
    orders = [(order, (right,)) for order in permutations(range(3)) for right in range(3)]
    orders += [((1, 0, 2), labels) for labels in product(range(3), repeat=2)]  # and the mean
    for (top, mid, low), labels in orders:
        n = len(labels)
        t, p = symbols("t", n), symbols("p", n, 2, signs=np.ones((n, 2)))
        x = np.empty((n, 3), dtype=object)
        x[:, top], x[:, mid], x[:, low] = t, t - p[:, 0], t - p[:, 0] - p[:, 1]
        loss, dx = reference.softmax_loss(x, np.array(labels))
        slope, (both, last) = np.empty((n, 3), dtype=object), -derivative(loss, p).T
        slope[:, low] = last  # the lowest score is the only one that hangs on the second step
        slope[:, mid] = both - last
        slope[:, top] = derivative(loss, t) - both
        assert vanishes(slope, dx)


def test_symbols_svm() -> None:
    """dx of svm_loss is the derivative of its loss, on each side of every bend."""
    t, q = symbols("t", 2, 1), symbols("q", 2, 3, signs=np.ones((2, 3)))
    for y, signs in product(product(range(3), repeat=2), sign_patterns(2, 2)):
        x = t - q
        others = np.array([[c for c in range(3) if c != right] for right in y])
        rows = np.arange(2)[:, None]
        x[rows[:, 0], list(y)] = t[:, 0]
        x[rows, others] = t - 1 + signs * q[rows, others]  # margins of a known sign
        loss, dx = reference.svm_loss(x, np.array(y))
        slope = np.empty((2, 3), dtype=object)
        slope[rows, others] = derivative(loss, q[rows, others]) * signs
        rest = derivative(loss, t)[:, 0] - slope[rows, others].sum(axis=1)
        slope[rows[:, 0], list(y)] = rest
        assert vanishes(slope, dx)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("loss", "anew"), [(reference.softmax_loss, softmax), (reference.svm_loss, hinge)]
)
def test_numbers_and_autograd_loss(
    loss: Callable[..., Any], anew: Callable[..., Any], seed: int
) -> None:
    """dx of a loss is its measured slope, and what autograd derives from the loss written anew."""
    rng = np.random.default_rng(seed)
    x, y = 2 * rng.standard_normal((4, 5)), rng.integers(5, size=4)
    value, dx = loss(x, y)
    assert value == pytest.approx(anew(x, y), rel=1e-14)
    assert rel_error(dx, richardson(lambda s: loss(s, y)[0], x)) < 1e-9
    assert rel_error(dx, grad(anew)(x, y)) < 1e-14


# A net takes parameters.


def two_layers(params: Arrays, X: Any, y: Any, reg: Any) -> Any:
    """The loss of a two-layer net, for autograd."""
    hidden = relu(affine(X, params["W1"], params["b1"]))
    squares = anp.sum(params["W1"] ** 2) + anp.sum(params["W2"] ** 2)
    return softmax(affine(hidden, params["W2"], params["b2"]), y) + 0.5 * reg * squares


def any_layers(params: Arrays, X: Any, y: Any, reg: Any) -> Any:
    """The loss of a net of any depth, for autograd."""
    h, squares, L = X, 0.0, len(params) // 2
    for l in range(1, L + 1):
        a = affine(h, params[f"W{l}"], params[f"b{l}"])
        h = a if l == L else relu(a)
        squares = squares + anp.sum(params[f"W{l}"] ** 2)
    return softmax(h, y) + 0.5 * reg * squares


NETS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "two": (lambda **k: TwoLayerNet(4, 5, 3, **k), two_layers),
    "fully connected, 1": (lambda **k: FullyConnectedNet([], 4, 3, **k), any_layers),
    "fully connected, 2": (lambda **k: FullyConnectedNet([5], 4, 3, **k), any_layers),
    "fully connected, 4": (lambda **k: FullyConnectedNet([5, 6, 4], 4, 3, **k), any_layers),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NETS)
def test_numbers_and_autograd_net(name: str, seed: int) -> None:
    """Every gradient of a net, its regulariser's part included, is slope and derivative."""
    make, anew = NETS[name]
    rng = np.random.default_rng(seed)
    net = make(weight_scale=0.6, reg=0.37, dtype=np.float64, seed=seed)
    for key, w in net.params.items():
        if key[0] == "b":
            w += 0.3 * rng.standard_normal(w.shape)
    X, y = rng.standard_normal((6, 2, 2)), rng.integers(3, size=6)
    loss, grads = net.loss(X, y)
    assert loss == pytest.approx(anew(net.params, X, y, net.reg), rel=1e-13)
    independent = grad(anew)(net.params, X, y, net.reg)
    for key, w in net.params.items():

        def moved(value: Any, key: str = key) -> Any:
            kept, net.params[key] = net.params[key], value
            found = net.loss(X, y)[0]
            net.params[key] = kept
            return found

        # with steps of 1e-4 no unit of these seeds crosses its kink
        assert rel_error(grads[key], richardson(moved, w, h=1e-4)) < 1e-9
        assert rel_error(grads[key], independent[key]) < 1e-13


@pytest.mark.parametrize("depth", [2, 3])
def test_symbols_net(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every gradient of a small net is the derivative of its loss, as formulas.

    One unit of the hidden layer is live and one is dead, and the first score is the largest:
    that is said by the signs of the symbols, and every other case is a renaming of this one.
    """
    module = "two_layer_net" if depth == 2 else "fully_connected_net"
    monkeypatch.setattr(f"reference.{module}.check_batch", lambda *rest: None)
    make = TwoLayerNet if depth == 2 else FullyConnectedNet
    net = make(1, 1) if depth == 2 else make([1] * (depth - 1))
    net.dtype, net.reg = np.dtype(object), Symbol(sp.Symbol("reg", real=True))
    up, live = np.array([1, -1]), np.ones(2)
    net.params = {"W1": symbols("W1", 1, 2, signs=up[None]), "b1": symbols("b1", 2, signs=up)}
    for l in range(2, depth + 1):
        last = l == depth
        signs = np.array([[1, -1], [1, -1]]) if last else np.ones((2, 2))
        net.params[f"W{l}"] = symbols(f"W{l}", 2, 2, signs=signs)
        net.params[f"b{l}"] = symbols(f"b{l}", 2, signs=up if last else live)
    X = symbols("x", 1, 1, signs=np.ones((1, 1)))
    loss, grads = net.loss(X, np.array([1]))
    for key, w in net.params.items():
        assert same_formula(derivative(loss, w), grads[key])


def same_formula(one: Any, other: Any) -> bool:
    """Whether two arrays of quotients are the same: every numerator of a difference is 0."""
    for a, b in zip(one.ravel(), other.ravel(), strict=True):
        gap = sp.together(plain(a) - plain(b))
        if gap != 0 and sp.simplify(sp.expand(sp.numer(gap))) != 0:
            return False
    return True


# What the proofs are worth


def test_every_gradient_is_proved() -> None:
    """Each function of the book that gives a gradient is among those above."""
    gives = [
        name
        for name in reference.__all__
        if name.endswith(("_backward", "_loss")) or hasattr(getattr(reference, name), "loss")
    ]
    proved = {backward.__name__ for _, backward, _ in LAYERS.values()}
    proved |= {"softmax_loss", "svm_loss", "TwoLayerNet", "FullyConnectedNet"}
    assert set(gives) == proved


def test_a_wrong_formula_does_not_vanish() -> None:
    """A gradient with another factor, sign or transposition is no derivative."""
    x, w, b = symbols("x", 2, 2), symbols("w", 2, 2), symbols("b", 2)
    out, cache = reference.affine_forward(x, w, b)
    dout = symbols("d", 2, 2)
    slope = derivative((dout * out).sum(), w)
    right = reference.affine_backward(dout, cache)[1]
    assert vanishes(slope, right)
    for wrong in (right / 2, -right, right.T, right + b):
        assert not vanishes(slope, wrong)
        assert not same_formula(slope, wrong)


def test_an_open_comparison_is_an_error() -> None:
    """Where the signs do not decide which side of a kink a symbol is on, nothing is proved."""
    with pytest.raises(ValueError, match="nothing is known about x_0 > 0"):
        reference.relu_backward(symbols("d", 1), symbols("x", 1))
