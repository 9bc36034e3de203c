"""Layers under the float8 policy: scales and histories of maxima are weights beside the weights."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

REQUIRES = {"keras": ">=3.5"}
FORMATS = ("keras", "h5", "weights", "json")


def build_model():
    model = keras.Sequential(
        [keras.layers.Input(shape=(6,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)]
    )
    model.quantize("float8")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")
