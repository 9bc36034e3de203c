"""Models in a model in a model, with layers of one shape at each depth: inner weights are skipped or swapped."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint", "json")


def block(name):
    entry = keras.Input(shape=(6,))
    x = keras.layers.Dense(6, activation="tanh")(entry)
    x = keras.layers.BatchNormalization()(x)
    return keras.Model(entry, keras.layers.Dense(6)(x), name=name)


def build_model():
    inner = keras.Sequential(
        [keras.layers.Input(shape=(6,)), block("deepest"), block("beside")], name="inner"
    )
    entry = keras.Input(shape=(6,))
    x = block("outer")(inner(entry))
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
