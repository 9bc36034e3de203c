"""A model given to pickle: some versions cannot, and what the others write is bytes of their own version."""

import pickle

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("keras",)


def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(6,)), keras.layers.Dense(3)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def save(model, path, format_name):
    with open(path, "wb") as stream:
        pickle.dump(model, stream)


def load(path, format_name):
    with open(path, "rb") as stream:
        return pickle.load(stream)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 3)).astype("float32")
