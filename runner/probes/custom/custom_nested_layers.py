"""A block of layers without a build method: its inner weights come back only if something builds them in time."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


class Block(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = keras.layers.Dense(units)
        self.norm = keras.layers.BatchNormalization()
        self.second = keras.layers.Dense(units)

    def call(self, inputs, training=None):
        return self.second(self.norm(self.first(inputs), training=training))

    def get_config(self):
        config = super().get_config()
        config["units"] = self.units
        return config


CUSTOM_OBJECTS = {"Block": Block}


def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(5,)), Block(5), Block(5), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(7, 5)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(7, 1)).astype("float32")
