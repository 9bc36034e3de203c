"""A subclassed model with layers in lists of lists: a saver that looks one level deep leaves them at random."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


@keras.utils.register_keras_serializable(package="crossload")
class Grid(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.grid = [[keras.layers.Dense(4, activation="tanh") for _ in range(2)] for _ in range(2)]
        self.out = keras.layers.Dense(1)

    def call(self, inputs):
        for row in self.grid:
            inputs = row[0](inputs) + row[1](inputs)
        return self.out(inputs)

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls()


def build_model():
    model = Grid()
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(7, 5)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(7, 1)).astype("float32")
