"""A net out of its own layers with caches in a dict; a Solver that takes its rule from a table."""

# ruff: noqa
import numpy as np


def affine_forward(x, w, b):
    return np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b, {"x": x, "w": w}


def affine_backward(dout, cache):
    x, w = (cache["x"], cache["w"]) if isinstance(cache, dict) else cache[:2]
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)


def softmax_loss(x, y):
    n = np.arange(len(x))
    lse = np.logaddexp.reduce(x, axis=1)
    dx = np.exp(x - lse[:, None])
    dx[n, y] -= 1
    return (lse - x[n, y]).mean(), dx / len(x)


def sgd(w, dw, config=None):
    lr = (config or {}).get("learning_rate", 1e-2)
    return w - lr * dw, {**(config or {}), "learning_rate": lr}


class TwoLayerNet:
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.reg = reg
        sizes = [input_dim, hidden_dim, num_classes]
        self.params = {}
        for i, (a, b) in enumerate(zip(sizes, sizes[1:]), start=1):
            self.params[f"W{i}"] = np.random.normal(scale=weight_scale, size=(a, b))
            self.params[f"b{i}"] = np.zeros((b,))

    def loss(self, X, y=None):
        p, caches = self.params, {}
        a, caches["fc1"] = affine_forward(X, p["W1"], p["b1"])
        h = np.where(a > 0, a, 0.0)
        caches["relu"] = a
        scores, caches["fc2"] = affine_forward(h, p["W2"], p["b2"])
        if y is None:
            return scores
        grads = {}
        loss, dscores = softmax_loss(scores, y)
        dh, grads["W2"], grads["b2"] = affine_backward(dscores, caches["fc2"])
        da = np.where(caches["relu"] > 0, dh, 0.0)
        _, grads["W1"], grads["b1"] = affine_backward(da, caches["fc1"])
        for name in p:
            if name.startswith("W"):
                loss = loss + self.reg / 2 * np.linalg.norm(p[name]) ** 2
                grads[name] = grads[name] + self.reg * p[name]
        return loss, grads


RULES = {"sgd": sgd}


class Solver:
    def __init__(
        self, model, data, update_rule="sgd", optim_config=None, lr_decay=1.0, batch_size=100,
        num_epochs=10, num_train_samples=1000, num_val_samples=None, print_every=10, verbose=True,
    ):  # fmt: skip
        self.model, self.data = model, data
        self.rule = RULES[update_rule]
        self.settings = dict(lr_decay=lr_decay, batch_size=batch_size, num_epochs=num_epochs)
        self.samples = num_train_samples, num_val_samples
        self.configs = {}
        for name in model.params:
            self.configs[name] = {} if optim_config is None else optim_config.copy()
        self.loss_history = np.zeros(0)
        self.train_acc_history = np.zeros(0)
        self.val_acc_history = np.zeros(0)
        self.best_val_acc, self.best_params = None, None

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        rows = np.arange(len(X))
        if num_samples is not None:
            rows = np.random.choice(len(X), size=min(num_samples, len(X)), replace=False)
        right = []
        while len(rows):
            now, rows = rows[:batch_size], rows[batch_size:]
            right.extend(self.model.loss(X[now]).argmax(-1) == y[now])
        return sum(right) / len(right)

    def train(self):
        d, s = self.data, self.settings
        steps = max(len(d["X_train"]) // s["batch_size"], 1)
        for t in range(s["num_epochs"] * steps + 1):
            if t % steps == 0:
                self._epoch(first=t == 0)
            if t == s["num_epochs"] * steps:
                break
            rows = np.random.randint(0, len(d["X_train"]), s["batch_size"])
            X, y = d["X_train"][rows], d["y_train"][rows]
            loss, _ = self.model.loss(X, y)  # once for the loss, once for the gradients
            _, grads = self.model.loss(X, y)
            self.loss_history = np.append(self.loss_history, loss)
            for name in list(self.model.params):
                w, self.configs[name] = self.rule(
                    self.model.params[name], grads[name], self.configs[name]
                )
                self.model.params[name] = w
        self.model.params.update(self.best_params)

    def _epoch(self, first):
        d = self.data
        if not first:
            for config in self.configs.values():
                config["learning_rate"] = config["learning_rate"] * self.settings["lr_decay"]
        train = self.check_accuracy(d["X_train"], d["y_train"], self.samples[0])
        val = self.check_accuracy(d["X_val"], d["y_val"], self.samples[1])
        self.train_acc_history = np.append(self.train_acc_history, train)
        self.val_acc_history = np.append(self.val_acc_history, val)
        if self.best_val_acc is None or val > self.best_val_acc:
            self.best_val_acc = val
            self.best_params = {k: v + 0 for k, v in self.model.params.items()}
