"""A Solver that takes its rules from the book, which lends them where a Solver is judged."""

# ruff: noqa
import numpy as np

from reference import optim


class Solver:
    def __init__(self, model, data, update_rule="sgd", optim_config=None, **more):
        if not callable(update_rule):
            if not hasattr(optim, update_rule):
                raise ValueError(f"{update_rule} is no rule")
            update_rule = getattr(optim, update_rule)
        self.model, self.data, self.rule = model, data, update_rule
        self.lr_decay, self.batch_size = more.pop("lr_decay", 1.0), more.pop("batch_size", 100)
        self.num_epochs, self.verbose = more.pop("num_epochs", 10), more.pop("verbose", True)
        self.print_every = more.pop("print_every", 10)
        self.num_train_samples = more.pop("num_train_samples", 1000)
        self.num_val_samples = more.pop("num_val_samples", None)
        for name in more:
            raise ValueError(f"{name} means nothing here")
        self.configs = {name: {**(optim_config or {})} for name in model.params}
        self.rng = np.random.default_rng(1)
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.best_val_acc, self.best_params = -1.0, {}

    def batches(self):
        """Rows of one epoch, shuffled; all of them where that is less than a batch."""
        n = len(self.data["y_train"])
        order = self.rng.permutation(n)
        for start in range(0, max(n - self.batch_size, 0) + 1, self.batch_size):
            yield order[start : start + self.batch_size]

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        if num_samples is not None:
            X, y = X[:num_samples], y[:num_samples]
        hits = 0
        for start in range(0, len(y), batch_size):
            part = slice(start, start + batch_size)
            hits += np.count_nonzero(self.model.loss(X[part]).argmax(axis=1) == y[part])
        return hits / len(y)

    def look(self):
        for split, most in (("train", self.num_train_samples), ("val", self.num_val_samples)):
            X, y = self.data["X_" + split], self.data["y_" + split]
            getattr(self, split + "_acc_history").append(self.check_accuracy(X, y, most))
        if self.val_acc_history[-1] > self.best_val_acc:
            self.best_val_acc = self.val_acc_history[-1]
            self.best_params = {k: v.copy() for k, v in self.model.params.items()}

    def train(self):
        self.look()
        for epoch in range(self.num_epochs):
            for rows in self.batches():
                loss, grads = self.model.loss(
                    self.data["X_train"][rows], self.data["y_train"][rows]
                )
                self.loss_history.append(float(loss))
                for name, dw in grads.items():
                    self.model.params[name], self.configs[name] = self.rule(
                        self.model.params[name], dw, self.configs[name]
                    )
            for config in self.configs.values():
                config["learning_rate"] *= self.lr_decay
            self.look()
        for name, best in self.best_params.items():
            self.model.params[name] = best.copy()
