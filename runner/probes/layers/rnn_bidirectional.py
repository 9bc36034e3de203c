"""Bidirectional with a mirrored and with a named backward layer: two layers in one, and their order is the model."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(5, 3)),
            keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True)),
            keras.layers.Bidirectional(
                keras.layers.GRU(3), backward_layer=keras.layers.GRU(3, go_backwards=True), merge_mode="sum"
            ),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 5, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
