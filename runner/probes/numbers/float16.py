"""Weights of float16 in layers that say so: files keep the type per layer, and loaders the one they prefer."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,), dtype="float16"),
            keras.layers.Dense(4, activation="tanh", dtype="float16"),
            keras.layers.Dense(1, dtype="float16"),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float16")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
