"""A model with a custom layer, loaded by one who has only the file: loading stops at a class nobody knows."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
CODE_AT_LOADING = False
FORMATS = ("keras", "h5", "savedmodel", "export", "json")


class Gate(keras.layers.Layer):
    def build(self, input_shape):
        self.gate = self.add_weight(name="gate", shape=(int(input_shape[-1]),), initializer="ones")
        super().build(input_shape)

    def call(self, inputs):
        return inputs * self.gate


def build_model():
    entry = keras.Input(shape=(6,))
    x = Gate(name="gate")(keras.layers.Dense(4)(entry))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
