"""A custom layer that takes an argument and has no get_config: the mistake that shows only when loading."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

TAGS = ("core",)


class Shift(keras.layers.Layer):
    def __init__(self, by):
        super().__init__()
        self.by = by

    def call(self, inputs):
        return inputs + self.by


CUSTOM_OBJECTS = {"Shift": Shift}


def build_model():
    entry = keras.Input(shape=(6,))
    x = Shift(2.0)(keras.layers.Dense(4)(entry))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
