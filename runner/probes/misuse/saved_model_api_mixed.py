"""Saved by tf.saved_model.save and loaded by keras load_model: one writes what the other does not read."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("export",)


def build_model():
    return keras.Sequential([keras.layers.Input(shape=(6,)), keras.layers.Dense(3)])


def save(model, path, format_name):
    import tensorflow as tf

    tf.saved_model.save(model, path)


def load(path, format_name):
    return keras.models.load_model(path)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")
