"""Built under OneDeviceStrategy: nothing is mirrored, and still the strategy may be asked for when it is loaded."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

FORMATS = ("keras", "savedmodel", "export", "checkpoint")
REQUIRES = {"tensorflow": ">=2.5"}


def build_model():
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        model = keras.Sequential(
            [keras.layers.Input(shape=(6,)), keras.layers.Dense(4), keras.layers.Dense(1)]
        )
        model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def train(model):
    model.fit(inputs(), targets(), epochs=2, batch_size=8, shuffle=False, verbose=0)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
