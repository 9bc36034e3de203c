"""Lambda layers with Python lambdas: bytecode in the file, refused as unsafe or unreadable in another Python."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "json")


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Lambda(lambda x: x / 255.0)(entry)
    x = keras.layers.Lambda(lambda pair: pair[0] + pair[1])([keras.layers.Dense(6)(x), x])
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
