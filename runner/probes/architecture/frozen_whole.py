"""A whole model frozen after it was compiled: a flag that a file may keep, drop or apply to another set."""

import numpy as np
from tensorflow import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")
REQUIRES = {"tensorflow": ""}  # JAX takes no training step with an optimizer that is not the model's own


def build_model():
    model = keras.Sequential(
        [keras.layers.Input(shape=(6,)), keras.layers.Dense(6), keras.layers.BatchNormalization()]
    )
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def train(model):
    model.train_on_batch(inputs(), targets())
    model.trainable = False


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 6)).astype("float32")
