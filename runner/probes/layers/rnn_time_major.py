"""An LSTM that takes time before batch: the argument exists in Keras 2 alone, and dropping it swaps two axes."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")
REQUIRES = {"keras": "<3"}


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6, 3), batch_size=5),
            keras.layers.LSTM(4, time_major=True, return_sequences=True),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(5, 6, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(5, 6, 1)).astype("float32")
