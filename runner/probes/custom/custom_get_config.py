"""A layer with get_config, not registered and given through custom_objects: tuples and objects must survive JSON."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "json")


class Window(keras.layers.Layer):
    def __init__(self, span, initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.span = tuple(span)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        size = self.span[1] - self.span[0]
        self.scale = self.add_weight(name="scale", shape=(size,), initializer=self.initializer)
        super().build(input_shape)

    def call(self, inputs):
        return inputs[:, self.span[0] : self.span[1]] * self.scale

    def get_config(self):
        config = super().get_config()
        config.update(span=self.span, initializer=keras.initializers.serialize(self.initializer))
        return config


CUSTOM_OBJECTS = {"Window": Window}


def build_model():
    entry = keras.Input(shape=(6,))
    x = Window((1, 5), initializer=keras.initializers.RandomUniform(0.5, 1.5, seed=3))(entry)
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
