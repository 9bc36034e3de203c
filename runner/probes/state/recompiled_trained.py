"""Compiled again after training and trained again: the second optimizer counts its own steps, from nothing."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="rmsprop", loss="mean_squared_error")
    return model


def train(model):
    model.fit(inputs(), targets(), epochs=2, batch_size=4, shuffle=False, verbose=0)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mean_squared_error")
    model.fit(inputs(), targets(), epochs=1, batch_size=4, shuffle=False, verbose=0)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
