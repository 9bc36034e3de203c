"""Layers with a / in their names: groups in HDF5, folders in a zip, and forbidden in Keras 3."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")
REQUIRES = {"keras": "<3"}


def build_model():
    entry = keras.Input(shape=(6,), name="entry")
    x = keras.layers.Dense(6, activation="tanh", name="block/dense")(entry)
    x = keras.layers.Dense(6, activation="tanh", name="block/dense/again")(x)
    model = keras.Model(entry, keras.layers.Dense(1, name="block/out")(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
