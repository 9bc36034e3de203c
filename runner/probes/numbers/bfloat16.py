"""Weights of bfloat16, which NumPy does not have: what HDF5 makes of them, and what comes back."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,), dtype="bfloat16"),
            keras.layers.Dense(4, activation="tanh", dtype="bfloat16"),
            keras.layers.Dense(1, dtype="bfloat16"),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
