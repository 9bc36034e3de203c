"""Losses, weights and metrics by output name in dicts: a file may hold them as lists, in an order of its own."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel")


def build_model():
    entry = keras.Input(shape=(6,), name="entry")
    x = keras.layers.Dense(4, activation="tanh")(entry)
    outputs = {
        "score": keras.layers.Dense(1, name="score")(x),
        "label": keras.layers.Dense(3, activation="softmax", name="label")(x),
        "area": keras.layers.Dense(1, name="area")(x),
    }
    model = keras.Model(entry, outputs)
    model.compile(
        optimizer="sgd",
        loss={
            "score": "mean_squared_error",
            "label": "categorical_crossentropy",
            "area": "mean_absolute_error",
        },
        loss_weights={"score": 0.1, "label": 2.0, "area": 1.0},
        metrics={"label": ["categorical_accuracy"], "score": ["mean_absolute_error"]},
    )
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    random = np.random.RandomState(2)
    return {
        "score": random.normal(size=(8, 1)).astype("float32"),
        "label": np.eye(3, dtype="float32")[random.randint(0, 3, size=(8,))],
        "area": random.normal(size=(8, 1)).astype("float32"),
    }
