"""Layers placed by tf.device while the model is built: a device in a SavedModel is one the consumer has to have."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

FORMATS = ("keras", "savedmodel", "export", "checkpoint")
REQUIRES = {"tensorflow": ">=2.5"}

DEVICE = "GPU:0" if tf.config.list_physical_devices("GPU") else "CPU:0"


def build_model():
    with tf.device(DEVICE):
        entry = keras.Input(shape=(6,))
        x = keras.layers.Dense(4, activation="tanh")(entry)
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
