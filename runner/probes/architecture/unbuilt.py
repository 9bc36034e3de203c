"""A Sequential without shapes, saved before its first batch: there are no weights to write, and few say so."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("keras", "h5", "savedmodel")


def build_model():
    model = keras.Sequential([keras.layers.Dense(5, activation="relu"), keras.layers.Dense(2)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def save(model, path, format_name):
    fresh = build_model()  # the one that was given has seen a batch
    if format_name == "savedmodel":
        fresh.save(path, save_format="tf")
    else:
        fresh.save(path)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 2)).astype("float32")
