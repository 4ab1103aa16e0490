# Generated from book/solver.md: edit there, then `make tangle`.
"""The loop that trains a net: draw, loss, step, look; built in the chapter "solver"."""

import inspect
import io
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from reference import optim
from reference.boundary import check_sizes
from reference.files import sweep, write_whole
from reference.progress import Progress

SPLITS = ("X_train", "y_train", "X_val", "y_val")
RULES = dict(inspect.getmembers(optim, inspect.isfunction))


class Solver:
    """Train a net by many small steps against gradients of minibatches.

    Built part by part in the chapter "solver". A net is any object with a dict
    ``params`` of arrays and a ``loss(X, y)`` that gives ``(loss, grads)``, or
    scores where ``y`` is None.

    Args:
        model: the net; its parameters are replaced as it is trained.
        data: a dict with X_train (N, d1, ..., dk), y_train (N,), X_val, y_val.
        update_rule: the name of a rule in ``reference.optim``, or a function
            ``rule(w, dw, config) -> (next_w, config)``.
        optim_config: what the rule is to be given, such as learning_rate.
        lr_decay: the learning rate is multiplied by this after each epoch.
        batch_size: examples in a minibatch, drawn with return.
        num_epochs: how many times N // batch_size steps are taken.
        num_train_samples: how many training images an accuracy is measured on;
            None for all. They are the same images every time.
        num_val_samples: the same for the validation images.
        checkpoint_name: after each epoch the run is saved in this file, with
            ``.npz`` added; None saves nothing.
        print_every: steps between two lines with the loss.
        verbose: whether anything is printed.
        seed: of the minibatches; None draws others each time.

    Attributes:
        loss_history: the loss of each minibatch, before its step.
        train_acc_history, val_acc_history: accuracies at the start and after
            each epoch.
        best_val_acc, best_params: the best of the latter, and the parameters
            that it was measured with.
        epoch: how many epochs are done.

    Raises:
        ValueError: a setting or a rule that does not exist, data that is
            incomplete or does not fit together.
    """

    def __init__(
        self,
        model,
        data,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        batch_size=100,
        num_epochs=10,
        num_train_samples=1000,
        num_val_samples=None,
        checkpoint_name=None,
        print_every=10,
        verbose=True,
        seed=None,
        **unknown,
    ):
        for name in unknown:
            known = [*inspect.signature(Solver).parameters][2:-1]
            raise ValueError(f"Solver has no setting {name!r}; it has {', '.join(known)}")
        check_sizes(batch_size=batch_size, num_epochs=num_epochs, print_every=print_every)
        self.model, self.data = model, _checked(data)
        self.update_rule, self.optim_config = update_rule, dict(optim_config or {})
        self.rule = _rule(self.update_rule, self.optim_config)
        self.lr_decay, self.batch_size, self.num_epochs = lr_decay, batch_size, num_epochs
        self.num_train_samples, self.num_val_samples = num_train_samples, num_val_samples
        self.checkpoint_name = checkpoint_name
        self.print_every, self.verbose = print_every, verbose
        self.rng = np.random.default_rng(seed)
        self.optim_configs = {name: dict(self.optim_config) for name in model.params}

        self.epoch = 0
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.best_val_acc, self.best_params = -np.inf, {}

    def _step(self):
        """Draw a minibatch, ask for its gradients, and take one step with every parameter."""
        X, y = self.data["X_train"], self.data["y_train"]
        rows = self.rng.integers(len(y), size=self.batch_size)  # eq-gradient-descent-minibatch
        loss, grads = self.model.loss(X[rows], y[rows])

        params, configs = self.model.params, self.optim_configs
        steps = {name: self.rule(w, grads[name], configs[name]) for name, w in params.items()}
        for name, (next_w, config) in steps.items():
            params[name], configs[name] = next_w, config
        self.loss_history.append(float(loss))

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Measure the share of examples whose highest score is that of the right class.

        Args:
            X: examples, shape (N, d1, ..., dk).
            y: the right classes, shape (N,).
            num_samples: measure on that many of them only, the same ones every time.
            batch_size: how many are given to the net at once.

        Returns:
            A number from 0 to 1.
        """
        if num_samples is not None and num_samples < len(X):
            rows = np.random.default_rng(0).choice(len(X), num_samples, replace=False)
            X, y = X[rows], y[rows]
        right = 0
        for start in range(0, len(X), batch_size):
            part = slice(start, start + batch_size)
            right += int(np.sum(self.model.loss(X[part]).argmax(axis=1) == y[part]))
        return right / len(X)  # eq-solver-accuracy

    def _look(self):
        """Measure both accuracies, and keep the parameters where no earlier ones were better."""
        data = self.data
        train = self.check_accuracy(data["X_train"], data["y_train"], self.num_train_samples)
        val = self.check_accuracy(data["X_val"], data["y_val"], self.num_val_samples)
        self.train_acc_history.append(train)
        self.val_acc_history.append(val)
        if val >= self.best_val_acc:  # eq-solver-best
            self.best_val_acc = val
            self.best_params = {name: w.copy() for name, w in self.model.params.items()}

    def _end_epoch(self):
        """Look, lower the learning rates, and save."""
        self._look()
        self.epoch += 1
        if self.lr_decay != 1:
            for config in self.optim_configs.values():
                config["learning_rate"] *= self.lr_decay  # eq-solver-decay
        if self.checkpoint_name is not None:
            self.save()

    def train(self):
        """Train for ``num_epochs`` epochs, from where the run is; the net ends with the best.

        Interrupted, it can be called again and goes on with the next step.

        Raises:
            FileExistsError: there is a checkpoint of that name already, which a
                new run would replace.
            FileNotFoundError: there is no folder to put it into.
        """
        per_epoch = max(len(self.data["y_train"]) // self.batch_size, 1)  # eq-solver-steps
        total = self.num_epochs * per_epoch
        progress = Progress(total, self.verbose)
        if not self.val_acc_history:
            self._check_place()
            self._look()
            progress.say(self._epoch_line())

        while self.epoch < self.num_epochs:
            while len(self.loss_history) < (self.epoch + 1) * per_epoch:
                self._step()
                t, loss = len(self.loss_history), self.loss_history[-1]
                if t % self.print_every == 0:
                    progress.say(f"(Iteration {t} / {total}) loss: {loss:.6f}")
                progress.at(t, f"loss {loss:.4f}")
            self._end_epoch()
            progress.say(self._epoch_line())

        progress.end()
        self.model.params.update({name: w.copy() for name, w in self.best_params.items()})

    def _epoch_line(self):
        train, val = self.train_acc_history[-1], self.val_acc_history[-1]
        epoch = f"(Epoch {self.epoch} / {self.num_epochs})"
        return f"{epoch} train acc: {train:.4f}; val acc: {val:.4f}"

    def _check_place(self):
        """Refuse, before the first step, what would fail or do harm after the first epoch."""
        if self.checkpoint_name is None:
            return
        path = _place(self.checkpoint_name)
        if not path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {path.parent} to save {path.name} in")
        if path.exists():
            raise FileExistsError(
                f"{path} holds a run already: resume() goes on with it,"
                " another checkpoint_name leaves it alone"
            )

    def _terms(self):
        """What has to be the same for a run to go on: settings, net and labels, in words."""
        terms = {name: str(getattr(self, name)) for name in SAME}
        rule = getattr(self.rule, "__name__", type(self.rule).__name__)
        terms |= {"update_rule": rule, "net": type(self.model).__name__}
        terms |= {"reg": str(getattr(self.model, "reg", None))}
        terms |= {name: f"{w.shape} {w.dtype}" for name, w in self.model.params.items()}
        for name in ("y_train", "y_val"):
            y = self.data[name]
            terms[name] = f"{len(y)} labels with the checksum {zlib.crc32(y.tobytes()):08x}"
        return terms

    def save(self, name=None):
        """Write all that the rest of the run depends on into one file, whole or not at all.

        An ``.npz`` of plain arrays, one of which holds the rest as JSON: no pickle,
        so that opening a stranger's checkpoint runs nothing.

        Args:
            name: of the file, by default ``checkpoint_name``; ``.npz`` is added.

        Raises:
            ValueError: the state of the rule holds what neither an array nor JSON is.
            OSError: the file cannot be written; an older one is then still whole.
        """
        arrays = {f"params/{name}": w for name, w in self.model.params.items()}
        arrays |= {f"best/{name}": w for name, w in self.best_params.items()}
        for history in ("loss_history", "train_acc_history", "val_acc_history"):
            arrays[history] = np.array(getattr(self, history), dtype=np.float64)
        configs = {}
        for param, config in self.optim_configs.items():
            configs[param], state = _parted(config)
            arrays |= {f"config/{param}/{key}": value for key, value in state.items()}
        about = {
            "format": FORMAT,
            "terms": self._terms(),
            "arrays": sorted(arrays),
            "epoch": self.epoch,
            "best_val_acc": self.best_val_acc,
            "configs": configs,
            "rng": self.rng.bit_generator.state,
        }
        content = io.BytesIO()
        np.savez(content, about=np.array(json.dumps(about)), **arrays)
        write_whole(_place(self.checkpoint_name if name is None else name), content.getvalue())

    def resume(self, name=None):
        """Take up a run where its checkpoint left it; ``train`` then goes on to the bit.

        Args:
            name: of the file, by default ``checkpoint_name``; ``.npz`` is added.

        Returns:
            This Solver. With a larger ``num_epochs`` than the run had, it goes further.

        Raises:
            FileNotFoundError: there is no such checkpoint.
            ValueError: it is damaged or cut short, no checkpoint at all, or that of
                another net, other data or other settings; nothing has changed then.
        """
        path = _place(self.checkpoint_name if name is None else name)
        about, arrays = _read(path)
        there, here = about["terms"], self._terms()
        for term in {**there, **here}:
            if there.get(term) != here.get(term):
                found = f"{term} is {there.get(term)} in {path} and {here.get(term)} here"
                raise ValueError(f"this checkpoint belongs to another run: {found}")

        def part(kind):
            return {name[len(kind) :]: a for name, a in arrays.items() if name.startswith(kind)}

        self.model.params.update(part("params/"))
        self.best_params, self.best_val_acc = part("best/"), about["best_val_acc"]
        for history in ("loss_history", "train_acc_history", "val_acc_history"):
            setattr(self, history, arrays[history].tolist())
        self.epoch = about["epoch"]
        self.optim_configs = {
            param: {**config, **{k: a[()] for k, a in part(f"config/{param}/").items()}}
            for param, config in about["configs"].items()
        }
        self.rng.bit_generator.state = about["rng"]
        sweep(path)  # what a kill in the middle of writing has left behind
        return self


def _checked(data):
    """The four arrays that a run needs, or a sentence about what is wrong."""
    for name in SPLITS:
        if name not in data:
            raise ValueError(f"data has no {name!r}; a Solver needs {', '.join(SPLITS)}")
    for X, y in (SPLITS[:2], SPLITS[2:]):
        examples, labels = len(data[X]), len(data[y])
        if examples != labels or examples == 0:
            raise ValueError(f"{X} holds {examples} examples and {y} {labels} labels")
    return {name: np.asarray(data[name]) for name in SPLITS}


def _rule(rule, config):
    """The function that takes a step, or a sentence about why there is none."""
    if callable(rule):
        return rule
    if rule not in RULES:
        there = ", ".join(RULES)
        raise ValueError(f"there is no update rule {rule!r}; there are {there}")
    _, known = RULES[rule](np.zeros(1), np.zeros(1))
    for name in config:
        if name not in known:
            there = ", ".join(known)
            raise ValueError(f"{rule} has no setting {name!r}; it has {there}")
    return RULES[rule]


SAME = (
    *("optim_config", "lr_decay", "batch_size"),
    *("num_train_samples", "num_val_samples"),
)
DAMAGE = (
    *(OSError, EOFError, KeyError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)
FORMAT = "backprop-by-the-book checkpoint 1"


def _place(name):
    """The file of a checkpoint."""
    return Path(name if str(name).endswith(".npz") else f"{name}.npz")


def _parted(config):
    """What a rule remembers of a parameter: what JSON holds, and the arrays."""
    numpys = (np.ndarray, np.generic)
    arrays = {k: np.asarray(v) for k, v in config.items() if isinstance(v, numpys)}
    plain = {key: value for key, value in config.items() if key not in arrays}
    for key, value in plain.items():
        if not isinstance(value, bool | int | float | str | None):
            kind = type(value).__name__
            found = f"{key} is a {kind}"
            raise ValueError(f"a checkpoint holds numbers, texts and arrays; {found}")
    return plain, arrays


def _read(path):
    """A checkpoint, read to its last byte before any of it is believed."""
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no checkpoint {path}; train() writes one each epoch"
        )
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop("about").item())
    except DAMAGE as error:
        found = f"cut short or damaged ({error})"
        raise ValueError(f"{path} is no whole checkpoint, {found}") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError(f"{path} is a file of another kind, not a {FORMAT}")
    if about["arrays"] != sorted(arrays):
        found = "not all of its arrays are there"
        raise ValueError(f"{path} is no whole checkpoint: {found}")
    return about, arrays
