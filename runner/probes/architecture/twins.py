"""Twelve layers of one class and shape: sorted by name dense_10 comes before dense_2, and no shape objects."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    entry = keras.Input(shape=(6,))
    x = entry
    for _ in range(12):
        x = keras.layers.Dense(6, activation="tanh")(x)
    model = keras.Model(entry, x)
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 6)).astype("float32")
