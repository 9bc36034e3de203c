"""Discretization with given edges and CategoryEncoding as counts: arguments that were renamed on the way to 2.6."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"keras": ">=2.6"}


def build_model():
    numbers = keras.Input(shape=(3,), name="numbers")
    x = keras.layers.Discretization(bin_boundaries=[-1.0, 0.0, 1.0])(numbers)
    x = keras.layers.CategoryEncoding(num_tokens=4, output_mode="count")(x)
    model = keras.Model(numbers, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
