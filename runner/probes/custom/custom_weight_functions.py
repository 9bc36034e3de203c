"""Own initializer, regularizer and constraint: three more names in the file, and a forgotten penalty changes loss."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


class Diagonal(keras.initializers.Initializer):
    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None, **kwargs):
        return self.gain * keras.initializers.Identity()(shape, dtype=dtype)

    def get_config(self):
        return {"gain": self.gain}


class Squares(keras.regularizers.Regularizer):
    def __init__(self, strength=0.1):
        self.strength = strength

    def __call__(self, x):
        return self.strength * keras.regularizers.L2(1.0)(x)

    def get_config(self):
        return {"strength": self.strength}


class Halved(keras.constraints.Constraint):
    def __call__(self, w):
        return w * 0.5


CUSTOM_OBJECTS = {"Diagonal": Diagonal, "Squares": Squares, "Halved": Halved}


def build_model():
    entry = keras.Input(shape=(5,))
    x = keras.layers.Dense(
        5, kernel_initializer=Diagonal(0.7), kernel_regularizer=Squares(0.2), kernel_constraint=Halved()
    )(entry)
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(5, 5)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(5, 1)).astype("float32")
