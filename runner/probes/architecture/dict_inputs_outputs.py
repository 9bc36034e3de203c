"""Inputs and outputs in flat dictionaries, in no alphabetical order: a list in their place must not swap any two."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint", "json")


def build_model():
    wide, deep = keras.Input(shape=(4,), name="wide"), keras.Input(shape=(4,), name="deep")
    x = keras.layers.Dense(4, activation="tanh")(deep)
    x = keras.layers.Subtract()([x, wide])
    outputs = {
        "rating": keras.layers.Dense(2, name="rating")(x),
        "click": keras.layers.Dense(2, name="click")(x),
    }
    model = keras.Model({"wide": wide, "deep": deep}, outputs)
    model.compile(
        optimizer="adam",
        loss={"rating": "mean_squared_error", "click": "mean_absolute_error"},
        loss_weights={"rating": 0.25, "click": 4.0},
    )
    return model


def inputs():
    random = np.random.RandomState(1)
    return {name: random.normal(size=(4, 4)).astype("float32") for name in ("wide", "deep")}


def targets():
    random = np.random.RandomState(2)
    return {name: random.normal(size=(4, 2)).astype("float32") for name in ("rating", "click")}
