"""A function of one's own as activation, given through custom_objects: it is saved by its name only."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def bent(x):
    return x / (1.0 + x * x)


CUSTOM_OBJECTS = {"bent": bent}


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Dense(5, activation=bent)(entry)
    x = keras.layers.Activation(bent)(keras.layers.Dense(4)(x))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
