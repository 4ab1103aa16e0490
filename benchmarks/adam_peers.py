"""One step of Adam on given gradients, without any net: ours, the course's style, two libraries.

A peer of ``benchmarks.adam`` is made from a task, of which it takes the parameters alone. Each step
gives a number by which all are seen to do the same.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.peers import OURS, Array, Batch, Peer, Step, Task

RATE = 1e-3


def arrays(task: Task) -> dict[str, Array]:
    """What is to be moved: all parameters of a net, or one array of weights alone."""
    return {name: w for name, w in task.params().items() if task.hidden or name == "W1"}


def gradients(task: Task, number: int = 4) -> list[dict[str, Array]]:
    """As many gradients as there are batches, the same for everybody."""
    rng = np.random.default_rng(2)
    return [
        {n: rng.standard_normal(w.shape).astype(task.dtype) for n, w in arrays(task).items()}
        for _ in range(number)
    ]


def seen(values: Sequence[Any], turn: int) -> float:
    """One number by which two ways of moving arrays are told apart: the squares of a last row.

    Each step looks at one array, in turn, so that looking costs next to nothing.
    """
    row = values[turn % len(values)][-1]
    return float((row * row).sum())


def in_numpy(rule: Any, task: Task) -> Step:
    """A rule of the form ``rule(w, dw, config)``, one array after the other."""
    params, grads, turn = arrays(task), gradients(task), 0
    configs: dict[str, Any] = {name: {"learning_rate": RATE} for name in params}

    def step(number: int) -> float:
        nonlocal turn
        turn += 1
        for name, w in params.items():
            params[name], configs[name] = rule(w, grads[number][name], configs[name])
        return seen(list(params.values()), turn)

    return step


def reference(task: Task, batches: Sequence[Batch]) -> Step:
    """Our rule, which is pure: it makes a new array of whatever it changes."""
    from reference import adam

    return in_numpy(adam, task)


def course(task: Task, batches: Sequence[Batch]) -> Step:
    """The rule of ``benchmarks.course_style``, which changes the parameters in place."""
    from benchmarks.course_style import adam

    return in_numpy(adam, task)


def tuned(task: Task, batches: Sequence[Batch]) -> Step:
    """All that NumPy can do: no array is made, and the corrections are joined to one number."""
    return in_numpy(_in_place, task)


def _in_place(w: Array, dw: Array, config: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    if "m" not in config:
        config |= {"m": np.zeros_like(w), "v": np.zeros_like(w), "t": 0, "spare": np.empty_like(w)}
    m, v, spare = config["m"], config["v"], config["spare"]
    config["t"] += 1
    root = (1 - 0.999 ** config["t"]) ** 0.5
    m *= 0.9
    m += np.multiply(dw, 1 - 0.9, out=spare)
    v *= 0.999
    np.multiply(dw, dw, out=spare)
    spare *= 1 - 0.999
    v += spare
    np.sqrt(v, out=spare)
    spare += 1e-8 * root
    np.divide(m, spare, out=spare)
    spare *= -config["learning_rate"] * root / (1 - 0.9 ** config["t"])
    w += spare
    return w, config


def torch_eager(task: Task, batches: Sequence[Batch], fused: bool = False) -> Step:
    """PyTorch's optimizer as it is by default, its gradients set beforehand."""
    import torch

    torch.set_num_threads(1)
    params = [torch.from_numpy(w) for w in arrays(task).values()]
    grads = [[torch.from_numpy(dw) for dw in one.values()] for one in gradients(task)]
    more = {"fused": True} if fused else {}
    optimizer = torch.optim.Adam(params, lr=RATE, betas=(0.9, 0.999), eps=1e-8, **more)
    turn = 0

    def step(number: int) -> float:
        nonlocal turn
        turn += 1
        for w, dw in zip(params, grads[number], strict=True):
            w.grad = dw
        optimizer.step()
        return seen(params, turn)

    return step


def torch_fused(task: Task, batches: Sequence[Batch]) -> Step:
    """The same in one compiled loop over all parameters."""
    return torch_eager(task, batches, fused=True)


def jax_jit(task: Task, batches: Sequence[Batch]) -> Step:
    """JAX, the rule on all arrays compiled into one program, in place."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def moved(w: Any, dw: Any, m: Any, v: Any, t: Any) -> tuple[Any, Any, Any]:
        m, v = 0.9 * m + 0.1 * dw, 0.999 * v + 0.001 * dw**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        return w - RATE * m_hat / (jnp.sqrt(v_hat) + 1e-8), m, v

    def whole(states: Any, grads: Any, t: Any) -> Any:
        return [moved(w, dw, m, v, t) for (w, m, v), dw in zip(states, grads, strict=True)]

    compiled = jax.jit(whole, donate_argnums=0)
    states = [(jnp.asarray(w), jnp.zeros_like(w), jnp.zeros_like(w)) for w in arrays(task).values()]
    grads = [[jnp.asarray(dw) for dw in one.values()] for one in gradients(task)]
    turn = 0

    def step(number: int) -> float:
        nonlocal states, turn
        turn += 1
        states = compiled(states, grads[number], jnp.asarray(turn, dtype=task.dtype))
        return seen([w for w, _, _ in states], turn)

    return step


def called(name: str) -> str:
    """What the process of a peer is called, beside those that train."""
    return f"adam alone, {name}"


RIVALS = {
    "course style": Peer(course),
    "NumPy in place": Peer(tuned),
    "torch eager": Peer(torch_eager, "torch", "torch"),
    "torch fused": Peer(torch_fused, "torch", "torch"),
    "jax jit": Peer(jax_jit, "jax", "jax"),
}
PEERS = {called(name): peer for name, peer in {OURS: Peer(reference), **RIVALS}.items()}
