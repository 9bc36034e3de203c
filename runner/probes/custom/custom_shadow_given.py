"""An own class called Dense beside the built-in one: custom_objects turns both into it, and nothing complains."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


class Dense(keras.layers.Dense):
    def call(self, inputs):
        return 3.0 * super().call(inputs)


CUSTOM_OBJECTS = {"Dense": Dense}


def build_model():
    entry = keras.Input(shape=(6,))
    x = keras.layers.Dense(6, activation="tanh", name="built_in")(entry)
    model = keras.Model(entry, Dense(1, name="own")(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
