"""Embedding(mask_zero=True) before an LSTM: a mask that is lost on the way pads the prediction with nonsense."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,), dtype="int32"),
            keras.layers.Embedding(12, 4, mask_zero=True),
            keras.layers.LSTM(4, return_sequences=True),
            keras.layers.GRU(3),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    tokens = np.random.RandomState(1).randint(1, 12, size=(5, 6)).astype("int32")
    for row, length in enumerate([6, 4, 3, 2, 1]):
        tokens[row, length:] = 0
    return tokens


def targets():
    return np.random.RandomState(2).normal(size=(5, 1)).astype("float32")
