"""Quantized to int8 after training: integer kernels and their scales, under a policy that others do not know."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

REQUIRES = {"keras": ">=3.4"}
FORMATS = ("keras", "h5", "weights", "export", "json")


def build_model():
    model = keras.Sequential(
        [keras.layers.Input(shape=(6,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2)]
    )
    model.quantize("int8")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")
