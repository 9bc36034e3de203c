"""A Python lambda that uses an imported module: where it loads at all, its name for the module is not defined."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Lambda(lambda x: x * float(np.sqrt(2.0)))(keras.layers.Dense(4)(entry))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
