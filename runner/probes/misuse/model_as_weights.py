"""A whole saved model given to load_weights of the rebuilt one: some versions take it, and some take part of it."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("keras", "h5", "savedmodel")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(6),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(6),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def load(path, format_name):
    model = build_model()
    model.load_weights(path)
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 6)).astype("float32")
