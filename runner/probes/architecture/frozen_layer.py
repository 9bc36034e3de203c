"""One layer frozen before compiling: the optimizer has slots for the rest only, and trainable flags must come back."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Dense(6, activation="tanh", trainable=False)(entry)
    x = keras.layers.Dense(6, activation="tanh")(x)
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
