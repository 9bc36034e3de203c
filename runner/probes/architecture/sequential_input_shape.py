"""A Sequential that gets its shape by input_shape=: the batch shape is written into the first layer, not an input."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Dense(6, activation="relu", input_shape=(6,)),
            keras.layers.Dropout(0.25),
            keras.layers.Dense(2),
        ]
    )
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 2)).astype("float32")
