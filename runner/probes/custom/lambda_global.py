"""A Python lambda that uses a name of its script, loaded without that script: at its use the name is not defined."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "json")
CODE_AT_LOADING = False
SCALE = 1.5


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Lambda(lambda x: x * SCALE)(keras.layers.Dense(4)(entry))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
