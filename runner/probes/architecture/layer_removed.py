"""The last layer is taken off after training and nothing compiled anew: the optimizer still holds its slots."""

import numpy as np
from tensorflow import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")
REQUIRES = {"tensorflow": ""}  # JAX takes no training step with an optimizer that is not the model's own


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(6, activation="relu"),
            keras.layers.Dense(2),
            keras.layers.Dense(2),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def train(model):
    model.fit(inputs(), targets(), epochs=1, batch_size=3, shuffle=False, verbose=0)
    model.pop()


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 2)).astype("float32")
