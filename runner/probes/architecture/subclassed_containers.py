"""A subclassed model that holds its layers in lists and dictionaries: weights in such containers were skipped."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


@keras.utils.register_keras_serializable(package="crossload")
class Towers(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.steps = [keras.layers.Dense(6, activation="tanh") for _ in range(3)]
        self.heads = {"b": keras.layers.Dense(2), "a": keras.layers.Dense(2)}

    def call(self, inputs):
        for step in self.steps:
            inputs = step(inputs)
        return [self.heads["b"](inputs), self.heads["a"](inputs)]

    def get_config(self):
        return {}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls()


def build_model():
    model = Towers()
    model.compile(optimizer="adam", loss=["mean_squared_error", "mean_absolute_error"])
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    random = np.random.RandomState(2)
    return [random.normal(size=(6, 2)).astype("float32"), random.normal(size=(6, 2)).astype("float32")]
