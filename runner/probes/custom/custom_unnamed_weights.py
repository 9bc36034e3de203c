"""A custom layer that gives its weights no names: files keyed by name refuse to be written or mix them up."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


class Affine(keras.layers.Layer):
    def build(self, input_shape):
        width = int(input_shape[-1])
        self.scale = self.add_weight(shape=(width,), initializer="ones")
        self.shift = self.add_weight(shape=(width,), initializer="zeros")
        super().build(input_shape)

    def call(self, inputs):
        return inputs * self.scale + self.shift


CUSTOM_OBJECTS = {"Affine": Affine}


def build_model():
    entry = keras.Input(shape=(6,))
    model = keras.Model(entry, keras.layers.Dense(1)(Affine()(entry)))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
