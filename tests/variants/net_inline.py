"""A net whose maths stands in loss itself; a Solver of forty lines that shuffles once an epoch."""

# ruff: noqa
import numpy as np


def sgd(w, dw, config=None):
    config = config if config is not None else {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


class TwoLayerNet(object):
    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.params = {}
        self.reg = reg
        self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b2"] = np.zeros(num_classes)

    def loss(self, X, y=None):
        W1, b1, W2, b2 = [self.params[k] for k in ("W1", "b1", "W2", "b2")]
        N = X.shape[0]
        x = X.reshape(N, np.prod(X.shape[1:]))
        h = np.maximum(0, x.dot(W1) + b1)
        scores = h.dot(W2) + b2
        if y is None:
            return scores
        scores = scores - np.max(scores, axis=1, keepdims=True)
        e = np.exp(scores)
        probs = e / np.sum(e, axis=1, keepdims=True)
        loss = np.sum(-np.log(probs[np.arange(N), y])) / N
        loss += 0.5 * self.reg * np.sum(W1 * W1)
        loss += 0.5 * self.reg * np.sum(W2 * W2)
        probs[np.arange(N), y] -= 1
        probs /= N
        grads = {}
        grads["W2"] = np.dot(h.T, probs) + self.reg * W2
        grads["b2"] = np.sum(probs, axis=0)
        dh = np.dot(probs, W2.T)
        dh[h <= 0] = 0
        grads["W1"] = np.dot(x.T, dh) + self.reg * W1
        grads["b1"] = np.sum(dh, axis=0)
        return loss, grads


class Solver(object):
    def __init__(self, model, data, **kwargs):
        known = dict(
            update_rule="sgd", optim_config={}, lr_decay=1.0, batch_size=100, num_epochs=10,
            num_train_samples=1000, num_val_samples=None, checkpoint_name=None,
            print_every=10, verbose=True,
        )  # fmt: skip
        for key in kwargs:
            if key not in known:
                raise ValueError("unknown argument " + key)
        known.update(kwargs)
        self.__dict__.update(known)
        self.model, self.data = model, data
        if self.update_rule != "sgd":
            raise ValueError("no rule " + self.update_rule)
        self.configs = {p: dict(self.optim_config) for p in model.params}
        self.loss_history = []
        self.train_acc_history = []
        self.val_acc_history = []
        self.best_val_acc = -np.inf

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        if num_samples and num_samples < len(X):
            pick = np.random.permutation(len(X))[:num_samples]
            X, y = X[pick], y[pick]
        pieces = np.array_split(np.arange(len(X)), -(-len(X) // batch_size))
        guesses = np.concatenate([np.argmax(self.model.loss(X[p]), axis=1) for p in pieces])
        return np.mean(guesses == y)

    def measure(self):
        self.train_acc_history.append(
            self.check_accuracy(self.data["X_train"], self.data["y_train"], self.num_train_samples)
        )
        acc = self.check_accuracy(self.data["X_val"], self.data["y_val"], self.num_val_samples)
        self.val_acc_history.append(acc)
        if acc >= self.best_val_acc:
            self.best_val_acc = acc
            self.best_params = {k: np.copy(v) for k, v in self.model.params.items()}

    def train(self):
        X, y = self.data["X_train"], self.data["y_train"]
        self.measure()
        for epoch in range(self.num_epochs):
            order = np.random.permutation(len(X))
            for i in range(max(1, len(X) // self.batch_size)):
                rows = order[i * self.batch_size : (i + 1) * self.batch_size]
                loss, grads = self.model.loss(X[rows], y[rows])
                self.loss_history.append(loss)
                for p in self.model.params:
                    self.model.params[p], self.configs[p] = sgd(
                        self.model.params[p], grads[p], self.configs[p]
                    )
                if self.verbose and len(self.loss_history) % self.print_every == 0:
                    print("loss", loss)
            self.measure()
            for p in self.configs:
                self.configs[p]["learning_rate"] *= self.lr_decay
        self.model.params = self.best_params
