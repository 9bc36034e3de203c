"""Masking, TimeDistributed and a pooling that reads the mask: padding of -1 must not count after loading either."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6, 3)),
            keras.layers.Masking(mask_value=-1.0),
            keras.layers.TimeDistributed(keras.layers.Dense(4, activation="tanh")),
            keras.layers.SimpleRNN(4, return_sequences=True),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    series = np.random.RandomState(1).normal(size=(5, 6, 3)).astype("float32")
    for row, length in enumerate([6, 4, 3, 2, 1]):
        series[row, length:] = -1.0
    return series


def targets():
    return np.random.RandomState(2).normal(size=(5, 1)).astype("float32")
