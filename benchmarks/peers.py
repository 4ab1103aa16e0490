"""The same training, written once for each peer: ours, the course's style, and three libraries.

A peer is made from a task and its batches, in the form that the peer likes best, and then takes
steps. Each step gives the loss of its batch, penalty included, so that all are seen to do the same.
Whatever a peer needs is imported where it is made: a missing one hurts nobody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Batch = tuple[Array, Array]
Step = Callable[[int], float]
"""Takes one step on the batch of this number, and gives the loss before it."""


@dataclass(frozen=True)
class Task:
    """One training that all peers can do: a net, a rule, a size of batch, a precision."""

    hidden: tuple[int, ...] = (100,)
    rule: str = "sgd"
    batch: int = 100
    dtype: str = "float32"
    inputs: int = 3 * 32 * 32
    classes: int = 10
    reg: float = 1e-3
    learning_rate: float = 1e-2

    @property
    def net(self) -> str:
        """In words: how deep, how wide, and by which rule."""
        return f"{len(self.hidden) + 1} layers of {(*self.hidden, self.classes)[0]}, {self.rule}"

    def params(self) -> dict[str, Array]:
        """The parameters at the start, the same for everybody."""
        rng = np.random.default_rng(0)
        sizes = (self.inputs, *self.hidden, self.classes)
        found: dict[str, Array] = {}
        for layer, (d, m) in enumerate(pairwise(sizes), 1):
            w = rng.standard_normal((d, m)) * np.sqrt(2 / d)
            found[f"W{layer}"] = w.astype(self.dtype)
            found[f"b{layer}"] = np.zeros(m, self.dtype)
        return found

    def batches(self, number: int = 4) -> list[Batch]:
        """Batches of noise with labels: what they show changes nothing in how long they take."""
        rng = np.random.default_rng(1)
        size = (self.batch, self.inputs)
        return [
            (rng.standard_normal(size).astype(self.dtype), rng.integers(self.classes, size=size[0]))
            for _ in range(number)
        ]


def reference(task: Task, batches: Sequence[Batch]) -> Step:
    """Our net and our rule, as the Solver calls them."""
    from reference import FullyConnectedNet, TwoLayerNet, optim

    settings: dict[str, Any] = {"reg": task.reg, "dtype": task.dtype}
    if len(task.hidden) == 1:
        net = TwoLayerNet(task.inputs, task.hidden[0], task.classes, **settings)
    else:
        net = FullyConnectedNet(task.hidden, task.inputs, task.classes, **settings)
    net.params = task.params()
    rule = getattr(optim, task.rule)
    configs: dict[str, Any] = {n: {"learning_rate": task.learning_rate} for n in net.params}

    def step(number: int) -> float:
        loss, grads = net.loss(*batches[number])
        steps = {name: rule(w, grads[name], configs[name]) for name, w in net.params.items()}
        for name, (next_w, config) in steps.items():
            net.params[name], configs[name] = next_w, config
        return float(loss)

    return step


def course(task: Task, batches: Sequence[Batch]) -> Step:
    """The net and the rule of ``benchmarks.course_style``."""
    from benchmarks import course_style

    net = course_style.Net(task.params(), task.reg)
    rule = getattr(course_style, task.rule)
    configs: dict[str, Any] = {n: {"learning_rate": task.learning_rate} for n in net.params}

    def step(number: int) -> float:
        loss, grads = net.loss(*batches[number])
        for name, w in net.params.items():
            net.params[name], configs[name] = rule(w, grads[name], configs[name])
        return float(loss)

    return step


def torch_eager(task: Task, batches: Sequence[Batch], fused: bool = False) -> Step:
    """PyTorch as its tutorials write it; the penalty is the optimizer's weight decay."""
    import torch
    from torch.nn.functional import cross_entropy

    torch.set_num_threads(1)
    params = {name: torch.from_numpy(w) for name, w in task.params().items()}
    layers: list[Any] = []
    for i in range(1, len(task.hidden) + 2):
        linear = torch.nn.Linear(*params[f"W{i}"].shape, dtype=params[f"W{i}"].dtype)
        linear.load_state_dict({"weight": params[f"W{i}"].T, "bias": params[f"b{i}"]})
        layers += [linear, torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    weights = [layer.weight for layer in layers[::2]]
    groups = [
        {"params": weights, "weight_decay": task.reg},
        {"params": [layer.bias for layer in layers[::2]]},
    ]
    settings: dict[str, Any]
    make, settings = {
        "sgd": (torch.optim.SGD, {}),
        "sgd_momentum": (torch.optim.SGD, {"momentum": 0.9}),
        "rmsprop": (torch.optim.RMSprop, {"alpha": 0.99, "eps": 1e-8}),
        "adam": (torch.optim.Adam, {"betas": (0.9, 0.999), "eps": 1e-8}),
    }[task.rule]
    optimizer = make(
        groups, lr=task.learning_rate, **settings, **({"fused": True} if fused else {})
    )
    tensors = [(torch.from_numpy(X), torch.from_numpy(y)) for X, y in batches]

    def step(number: int) -> float:
        X, y = tensors[number]
        optimizer.zero_grad()
        loss = cross_entropy(net(X), y)
        loss.backward()
        with torch.no_grad():
            penalty = sum(torch.vdot(w.view(-1), w.view(-1)) for w in weights)
            total = float(loss + 0.5 * task.reg * penalty)
        optimizer.step()
        return total

    return step


def torch_fused(task: Task, batches: Sequence[Batch]) -> Step:
    """The same with the optimizer's fused loop over all parameters."""
    return torch_eager(task, batches, fused=True)


def jax_jit(task: Task, batches: Sequence[Batch]) -> Step:
    """JAX, the whole step compiled, its parameters updated in place."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    depth = len(task.hidden) + 1

    def loss_of(params: Any, X: Any, y: Any) -> Any:
        for i in range(1, depth):
            X = jax.nn.relu(X @ params[f"W{i}"] + params[f"b{i}"])
        scores = X @ params[f"W{depth}"] + params[f"b{depth}"]
        right = jnp.take_along_axis(jax.nn.log_softmax(scores), y[:, None], axis=1)
        squares = sum(jnp.sum(params[f"W{i}"] ** 2) for i in range(1, depth + 1))
        return -right.mean() + 0.5 * task.reg * squares

    rate = task.learning_rate

    def stepped(w: Any, dw: Any, state: Any, t: Any) -> tuple[Any, Any]:
        if task.rule == "sgd":
            return w - rate * dw, state
        if task.rule == "sgd_momentum":
            v = 0.9 * state[0] - rate * dw
            return w + v, (v,)
        if task.rule == "rmsprop":
            c = 0.99 * state[0] + 0.01 * dw**2
            return w - rate * dw / (jnp.sqrt(c) + 1e-8), (c,)
        m, v = 0.9 * state[0] + 0.1 * dw, 0.999 * state[1] + 0.001 * dw**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        return w - rate * m_hat / (jnp.sqrt(v_hat) + 1e-8), (m, v)

    def whole(params: Any, states: Any, t: Any, X: Any, y: Any) -> tuple[Any, Any, Any]:
        loss, grads = jax.value_and_grad(loss_of)(params, X, y)
        both = {name: stepped(w, grads[name], states[name], t) for name, w in params.items()}
        new = {name: one[0] for name, one in both.items()}
        return new, {name: one[1] for name, one in both.items()}, loss

    compiled = jax.jit(whole, donate_argnums=(0, 1))
    params = {name: jnp.asarray(w) for name, w in task.params().items()}
    number_of = {"sgd": 0, "sgd_momentum": 1, "rmsprop": 1, "adam": 2}[task.rule]
    states: Any = {n: tuple(jnp.zeros_like(w) for _ in range(number_of)) for n, w in params.items()}
    t = 0
    arrays = [(jnp.asarray(X), jnp.asarray(y)) for X, y in batches]

    def step(number: int) -> float:
        nonlocal params, states, t
        t += 1
        time = jnp.asarray(t, dtype=task.dtype)
        params, states, loss = compiled(params, states, time, *arrays[number])
        return float(loss)

    return step


def sklearn_mlp(task: Task, batches: Sequence[Batch]) -> Step:
    """scikit-learn's classifier, one ``partial_fit`` a batch; its penalty is a share of alpha."""
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(
        hidden_layer_sizes=task.hidden,
        solver={"sgd": "sgd", "sgd_momentum": "sgd"}[task.rule],
        alpha=task.reg * task.batch,
        batch_size=task.batch,
        learning_rate_init=task.learning_rate,
        momentum=0.9 if task.rule == "sgd_momentum" else 0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    classes = np.arange(task.classes)
    net.partial_fit(*batches[0], classes=classes)  # it draws its weights at the first call
    start = task.params()
    for i in range(len(net.coefs_)):
        net.coefs_[i][...] = start[f"W{i + 1}"]
        net.intercepts_[i][...] = start[f"b{i + 1}"]
    for velocity in net._optimizer.velocities:  # and that call has taken a step
        velocity[...] = 0

    def step(number: int) -> float:
        net.partial_fit(*batches[number])
        return float(net.loss_)

    return step


def products(task: Task, batches: Sequence[Batch]) -> Step:
    """No training: only the matrix products of a step, into arrays that are there already.

    Three for each layer, but two for the first, whose input needs no gradient.
    """
    params = task.params()
    todo: list[tuple[Any, Any, Array]] = []
    rng = np.random.default_rng(2)
    for i in range(1, len(task.hidden) + 2):
        w = params[f"W{i}"]
        x = rng.standard_normal((task.batch, len(w))).astype(task.dtype)
        dout = rng.standard_normal((task.batch, w.shape[1])).astype(task.dtype)
        todo += [(x, w, np.empty_like(dout)), (x.T, dout, np.empty_like(w))]
        if i > 1:
            todo.append((dout, w.T, np.empty_like(x)))

    def step(number: int) -> float:
        for a, b, out in todo:
            np.matmul(a, b, out=out)
        return float("nan")

    return step


def torch_products(task: Task, batches: Sequence[Batch]) -> Step:
    """The same products by PyTorch's library, with weights as it keeps them, (M, D)."""
    import torch

    torch.set_num_threads(1)
    todo: list[tuple[Any, Any, Any]] = []
    for i, start in enumerate(w for name, w in task.params().items() if name.startswith("W")):
        w = torch.from_numpy(start).T.contiguous()
        x = torch.randn(task.batch, w.shape[1], dtype=w.dtype)
        dout = torch.randn(task.batch, w.shape[0], dtype=w.dtype)
        todo += [(x, w.T, torch.empty_like(dout)), (dout.T, x, torch.empty_like(w))]
        if i:
            todo.append((dout, w, torch.empty_like(x)))

    def step(number: int) -> float:
        for a, b, out in todo:
            torch.matmul(a, b, out=out)
        return float("nan")

    return step


@dataclass(frozen=True)
class Peer:
    """How a peer is made, and what has to be installed and imported for it."""

    make: Callable[[Task, Sequence[Batch]], Step]
    distribution: str = "numpy"
    module: str = "numpy"
    lacks: tuple[str, ...] = ()  # rules that it does not have


OURS = "reference"
PRODUCTS = "numpy's matrix products"
TORCH_PRODUCTS = "torch's matrix products"
PEERS = {
    OURS: Peer(reference),
    "course style": Peer(course),
    "torch eager": Peer(torch_eager, "torch", "torch"),
    "torch fused": Peer(torch_fused, "torch", "torch", lacks=("rmsprop",)),
    "jax jit": Peer(jax_jit, "jax", "jax"),
    # Its Adam is the form with epsilon inside the correction, which is another path.
    "scikit-learn": Peer(
        sklearn_mlp, "scikit-learn", "sklearn.neural_network", lacks=("rmsprop", "adam")
    ),
    PRODUCTS: Peer(products),
    TORCH_PRODUCTS: Peer(torch_products, "torch", "torch"),
}
RIVALS = [name for name in PEERS if name not in (OURS, PRODUCTS, TORCH_PRODUCTS)]
