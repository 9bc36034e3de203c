"""An own class called Dense that nobody passes at loading: the built-in one takes its place and computes otherwise."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("keras", "h5", "savedmodel", "json")


class Dense(keras.layers.Dense):
    def call(self, inputs):
        return 3.0 * super().call(inputs)


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Activation("tanh")(Dense(4, name="hidden")(entry))
    model = keras.Model(entry, Dense(1, name="last")(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
