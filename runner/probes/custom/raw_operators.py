"""Operators and slices on tensors of a functional graph: every Keras takes them and saves them as something else."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "json")


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Dense(6)(entry)
    x = (x * 2.0 + entry) / 3.0
    x = x[:, 1:5]
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
