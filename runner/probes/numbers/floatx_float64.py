"""Built where floatx is float64 and loaded where it is float32: what no layer says is taken from whoever loads."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    keras.backend.set_floatx("float64")
    try:
        model = keras.Sequential(
            [keras.layers.Input(shape=(6,)), keras.layers.Dense(4), keras.layers.Dense(1)]
        )
        model.compile(optimizer="sgd", loss="mean_squared_error")
    finally:
        keras.backend.set_floatx("float32")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6))


def targets():
    return np.random.RandomState(2).normal(size=(8, 1))
