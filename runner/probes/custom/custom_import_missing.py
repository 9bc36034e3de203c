"""A custom layer whose own import is missing where it is loaded: the code is there, what it needs is not."""

import sys
import types

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


class Warped(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        from in_house_signal import POWER  # installed where the model is made, and nowhere else

        self.power = POWER

    def call(self, inputs):
        return inputs * self.power


CUSTOM_OBJECTS = {"Warped": Warped}


def build_model():
    package = types.ModuleType("in_house_signal")
    package.POWER = 1.5
    sys.modules[package.__name__] = package
    entry = keras.Input(shape=(6,))
    x = Warped()(keras.layers.Dense(4)(entry))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
