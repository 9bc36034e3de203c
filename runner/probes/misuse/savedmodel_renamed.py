"""A SavedModel folder renamed to m.h5 or m.keras: the name promises one file, and loaders go by the name."""

import os

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("h5", "keras")
REQUIRES = {"keras": "<3", "tensorflow": ""}


def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(6,)), keras.layers.Dense(3)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def save(model, path, format_name):
    folder = os.path.join(os.path.dirname(path), "folder")
    model.save(folder, save_format="tf")
    os.rename(folder, path)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 3)).astype("float32")
