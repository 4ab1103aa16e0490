"""Mistakes in the loop that trains a net, each as a change of a Solver that is right."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from checks.mistakes.entry import Shelf


def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2, **(config or {})}
    return w - config["learning_rate"] * dw, config


class Solver:
    def __init__(self, model, data, **settings):
        self.model, self.data = model, data
        self.rule = {"sgd": sgd}[settings.pop("update_rule", "sgd")]
        self.optim_config = settings.pop("optim_config", {})
        self.lr_decay = settings.pop("lr_decay", 1.0)
        self.batch_size = settings.pop("batch_size", 100)
        self.num_epochs = settings.pop("num_epochs", 10)
        self.num_train_samples = settings.pop("num_train_samples", 1000)
        self.num_val_samples = settings.pop("num_val_samples", None)
        self.print_every = settings.pop("print_every", 10)
        self.verbose = settings.pop("verbose", True)
        if settings:
            raise ValueError(f"there is no setting {next(iter(settings))!r}")
        self.configs = {name: dict(self.optim_config) for name in model.params}
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.best_val_acc, self.best_params = -1, {}
        self.rng = np.random.default_rng()

    def minibatch(self):
        X, y = self.data["X_train"], self.data["y_train"]
        rows = self.rng.integers(len(X), size=self.batch_size)
        return X[rows], y[rows]

    def step(self):
        loss, grads = self.model.loss(*self.minibatch())
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            next_w, config = self.rule(w, grads[name], self.configs[name])
            self.model.params[name] = next_w
            self.configs[name] = config

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        if num_samples is not None and num_samples < len(X):
            rows = self.rng.choice(len(X), num_samples, replace=False)
            X, y = X[rows], y[rows]
        hits = 0
        for i in range(0, len(X), batch_size):
            scores = self.model.loss(X[i : i + batch_size])
            hits += (scores.argmax(axis=1) == y[i : i + batch_size]).sum()
        return float(hits / len(X))

    def look(self):
        train = self.data["X_train"], self.data["y_train"]
        val = self.data["X_val"], self.data["y_val"]
        self.train_acc_history.append(self.check_accuracy(*train, self.num_train_samples))
        self.val_acc_history.append(self.check_accuracy(*val, self.num_val_samples))
        if self.val_acc_history[-1] > self.best_val_acc:
            self.best_val_acc = self.val_acc_history[-1]
            self.best_params = {name: w.copy() for name, w in self.model.params.items()}

    def decay(self):
        for config in self.configs.values():
            config["learning_rate"] *= self.lr_decay

    def train(self):
        self.look()
        steps = max(len(self.data["X_train"]) // self.batch_size, 1)
        for _ in range(self.num_epochs):
            for _ in range(steps):
                self.step()
            self.decay()
            self.look()
        self.model.params = self.best_params


MISTAKES = Shelf(sgd, Solver)

ROWS = "rows = self.rng.integers(len(X), size=self.batch_size)"
RESTORED = "        self.model.params = self.best_params\n"
KEPT = "{name: w.copy() for name, w in self.model.params.items()}"
RULED = "self.rule(w, grads[name], self.configs[name])"

# Settings

MISTAKES.change(
    "unknown_setting_ignored",
    "A setting that does not exist is passed over, so that a misspelt one has no effect.",
    (
        "        if settings:\n"
        '            raise ValueError(f"there is no setting {next(iter(settings))!r}")\n',
        "",
    ),
)
MISTAKES.change(
    "unknown_rule_replaced",
    "A rule that does not exist is replaced by sgd without a word.",
    (
        '{"sgd": sgd}[settings.pop("update_rule", "sgd")]',
        '{"sgd": sgd}.get(settings.pop("update_rule", "sgd"), sgd)',
    ),
)
MISTAKES.change(
    "optim_config_changed",
    "One parameter uses the caller's optim_config itself, and decay writes into it.",
    (
        "self.configs = {name: dict(self.optim_config) for name in model.params}",
        "self.configs = {name: dict(self.optim_config) for name in model.params}\n"
        '        self.configs["b"] = self.optim_config',
    ),
    (
        "            self.configs[name] = config\n",
        '            self.configs[name]["learning_rate"] = config["learning_rate"]\n',
    ),
)

# Minibatches

MISTAKES.change(
    "same_minibatch",
    "The generator starts anew for each minibatch, and draws the same rows every time.",
    (ROWS, ROWS.replace("self.rng", "np.random.default_rng(0)")),
)
MISTAKES.change(
    "only_the_first_rows",
    "The rows are drawn from the first 10 only.",
    (ROWS, ROWS.replace("len(X)", "min(len(X), 10)")),
)
MISTAKES.change(
    "the_same_slices",
    "Each epoch cuts the same slices out of the data, which is never shuffled.",
    (
        ROWS,
        "start = len(self.loss_history) * self.batch_size\n"
        "        rows = np.arange(start, start + self.batch_size)"
        " % (len(X) // self.batch_size * self.batch_size)",
    ),
)
MISTAKES.change(
    "labels_drawn_separately",
    "X and y are drawn each for itself, so that no example keeps its label.",
    (
        "return X[rows], y[rows]",
        "return X[rows], y[self.rng.integers(len(X), size=self.batch_size)]",
    ),
)
MISTAKES.change(
    "short_last_minibatch",
    "The slices run over the end of the data, and the last minibatch is short.",
    (
        ROWS,
        "start = len(self.loss_history) * self.batch_size % len(X)\n"
        "        rows = self.rng.permutation(len(X))[start : start + self.batch_size]",
    ),
)
MISTAKES.change(
    "trained_on_the_validation_data",
    "The minibatches come from the validation data.",
    (
        'X, y = self.data["X_train"], self.data["y_train"]',
        'X, y = self.data["X_val"], self.data["y_val"]',
    ),
)
MISTAKES.change(
    "all_the_data_at_once",
    "Each step goes through all of the data.",
    (ROWS, "rows = self.rng.permutation(len(X))"),
)

# Steps

MISTAKES.change(
    "uphill",
    "The rule is given the gradient with its sign turned, and the steps go uphill.",
    (RULED, "self.rule(w, -grads[name], self.configs[name])"),
)
MISTAKES.change(
    "nothing_stored",
    "The next parameters are computed and never given to the net.",
    ("            self.model.params[name] = next_w\n", ""),
)
MISTAKES.change(
    "biases_left_alone",
    "Only the weights take steps; the biases stay where they are.",
    (
        "for name, w in self.model.params.items():\n            next_w",
        'for name, w in [("W", self.model.params["W"])]:\n            next_w',
    ),
)
MISTAKES.change(
    "rate_ignored",
    "optim_config does not reach the rule, which steps at its default rate.",
    (RULED, "self.rule(w, grads[name], {})"),
)
MISTAKES.change(
    "one_step_an_epoch",
    "An epoch is one step.",
    ('max(len(self.data["X_train"]) // self.batch_size, 1)', "1"),
)
MISTAKES.change(
    "one_step_too_many",
    "N / batch_size is rounded up.",
    (
        'max(len(self.data["X_train"]) // self.batch_size, 1)',
        '-(-len(self.data["X_train"]) // self.batch_size)',
    ),
)
MISTAKES.change(
    "no_step_where_the_batch_is_larger",
    "N // batch_size is 0 where batch_size is larger than N, and nothing is learned.",
    (
        'max(len(self.data["X_train"]) // self.batch_size, 1)',
        'len(self.data["X_train"]) // self.batch_size',
    ),
)

# Rates and configs

MISTAKES.change(
    "decay_in_every_step",
    "The learning rate is lowered after every step, and not after every epoch.",
    (
        "                self.step()\n            self.decay()\n",
        "                self.step()\n                self.decay()\n",
    ),
)
MISTAKES.change(
    "decay_never",
    "lr_decay is not used.",
    ('config["learning_rate"] *= self.lr_decay', "pass"),
)
MISTAKES.change(
    "decay_before_the_first_epoch",
    "The rate is lowered before the first epoch.",
    (
        "            for _ in range(steps):",
        "            self.decay()\n            for _ in range(steps):",
    ),
    ("            self.decay()\n            self.look()", "            self.look()"),
)
MISTAKES.change(
    "one_config_for_all",
    "All parameters share one config, whose rate is lowered once for each of them.",
    (
        "self.configs = {name: dict(self.optim_config) for name in model.params}",
        "self.configs = dict.fromkeys(model.params, dict(self.optim_config))",
    ),
    (
        "            self.configs[name] = config\n",
        "            self.configs[name].update(config)\n",
    ),
)
MISTAKES.change(
    "config_not_kept",
    "The config that a rule gives back is dropped, and with it all that it remembers.",
    ("            self.configs[name] = config\n", ""),
)

# Histories

MISTAKES.change(
    "one_loss_an_epoch",
    "loss_history gets one loss an epoch.",
    ("self.loss_history.append(loss)", "self.last = loss"),
    (
        "            self.decay()\n            self.look()",
        "            self.loss_history.append(self.last)\n"
        "            self.decay()\n            self.look()",
    ),
)
MISTAKES.change(
    "losses_rounded",
    "The losses are rounded before they are kept.",
    ("self.loss_history.append(loss)", "self.loss_history.append(round(loss, 2))"),
)
MISTAKES.change(
    "no_look_at_the_start",
    "The accuracies are first measured after the first epoch.",
    ("        self.look()\n        steps", "        steps"),
)
MISTAKES.change(
    "training_accuracy_for_validation",
    "val_acc_history holds accuracies on the training data.",
    ('val = self.data["X_val"], self.data["y_val"]', "val = train"),
)
MISTAKES.change(
    "validation_accuracy_for_training",
    "train_acc_history holds accuracies on the validation data.",
    ("self.check_accuracy(*train,", "self.check_accuracy(*val,"),
)
MISTAKES.change(
    "lowest_score_wins",
    "The class with the lowest score is taken for the answer.",
    ("scores.argmax(axis=1)", "scores.argmin(axis=1)"),
)
MISTAKES.change(
    "hits_not_divided",
    "An accuracy is the number of hits, and not their share.",
    ("float(hits / len(X))", "float(hits)"),
)
MISTAKES.change(
    "last_batch_left_out",
    "check_accuracy leaves out the examples that fill no whole batch.",
    ("range(0, len(X), batch_size)", "range(0, len(X) - batch_size + 1, batch_size)"),
)
MISTAKES.change(
    "num_samples_ignored",
    "check_accuracy measures on all examples, whatever num_samples says.",
    ("if num_samples is not None and num_samples < len(X):", "if False:"),
)
MISTAKES.change(
    "all_at_once",
    "check_accuracy hands the net everything at once, whatever batch_size says.",
    ("range(0, len(X), batch_size)", "[0]"),
    ("X[i : i + batch_size]", "X"),
    ("y[i : i + batch_size]", "y"),
)

# The best parameters

MISTAKES.change(
    "best_not_restored",
    "The net keeps the parameters of the last step.",
    (RESTORED, ""),
)
MISTAKES.change(
    "best_is_the_net_s_own_dict",
    "best_params is the very dict that the net goes on changing.",
    (KEPT, "self.model.params"),
)
MISTAKES.change(
    "best_without_copies",
    "best_params holds the net's own arrays, which a rule may change in place.",
    (KEPT, "dict(self.model.params)"),
)
MISTAKES.change(
    "best_is_the_worst",
    "The parameters with the lowest accuracy are kept.",
    (
        "if self.val_acc_history[-1] > self.best_val_acc",
        "if self.val_acc_history[-1] <= min(self.val_acc_history)",
    ),
)
MISTAKES.change(
    "best_training_accuracy",
    "The parameters with the best training accuracy are kept.",
    (
        "if self.val_acc_history[-1] > self.best_val_acc",
        "if self.train_acc_history[-1] >= max(self.train_acc_history)",
    ),
)
MISTAKES.change(
    "best_accuracy_not_kept",
    "best_val_acc stays what it was at first, so that the last look always counts as the best.",
    ("            self.best_val_acc = self.val_acc_history[-1]\n", ""),
)
MISTAKES.change(
    "parameters_lost",
    "best_val_acc begins at 0, and where none is higher the net gets an empty best_params.",
    ("self.best_val_acc, self.best_params = -1, {}", "self.best_val_acc, self.best_params = 0, {}"),
)
