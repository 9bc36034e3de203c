"""TensorFlow called inside a Lambda with two inputs: Keras 3 cannot tell its output's shape, JAX has no tensorflow."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")
REQUIRES = {"tensorflow": ""}


def tiled(pair):
    return tf.tile(pair[0], [1, 2]) + pair[1]


CUSTOM_OBJECTS = {"tiled": tiled}


def build_model():
    entry = keras.Input(shape=(3,))
    x = keras.layers.Lambda(tiled)([entry, keras.layers.Dense(6)(entry)])
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
