"""A subclassed model with layers of one class, made in one order and called in another: files go by either."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


@keras.utils.register_keras_serializable(package="crossload")
class Twins(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.last = keras.layers.Dense(6)
        self.middle = keras.layers.Dense(6, activation="tanh")
        self.first = keras.layers.Dense(6, activation="relu")

    def call(self, inputs):
        return self.last(self.middle(self.first(inputs)))

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls()


def build_model():
    model = Twins()
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 6)).astype("float32")
