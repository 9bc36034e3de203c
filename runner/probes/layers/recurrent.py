"""LSTM and GRU: their arguments, bias layout and fused kernels changed more often than any other layer's."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

TAGS = ("core",)


def build_model():
    tokens = keras.Input(shape=(5,), dtype="int32")
    x = keras.layers.Embedding(12, 6)(tokens)
    x = keras.layers.LSTM(5, return_sequences=True)(x)
    x = keras.layers.GRU(4)(x)
    model = keras.Model(tokens, keras.layers.Dense(1)(x))
    model.compile(optimizer="rmsprop", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).randint(1, 12, size=(7, 5)).astype("int32")


def targets():
    return np.random.RandomState(2).normal(size=(7, 1)).astype("float32")
