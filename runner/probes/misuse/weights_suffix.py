"""save_weights("m.h5"), as every tutorial for Keras 2 has it: Keras 3 insists on .weights.h5, and reads the old one."""

import os
import shutil

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("weights",)


def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(6,)), keras.layers.Dense(6), keras.layers.Dense(6)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def save(model, path, format_name):
    model.save_weights(os.path.join(os.path.dirname(path), "m.h5"))
    os.rename(os.path.join(os.path.dirname(path), "m.h5"), path)


def load(path, format_name):
    shutil.copy(path, "m.h5")
    model = build_model()
    model.load_weights("m.h5")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 6)).astype("float32")
