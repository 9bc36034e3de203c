"""LSTM and GRU that fit the fused kernel of a GPU, beside ones that do not: a file may ask for the very kernel."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "savedmodel", "export", "checkpoint")


def build_model():
    entry = keras.Input(shape=(5, 3))
    fused = keras.layers.LSTM(4, return_sequences=True)(entry)
    fused = keras.layers.Bidirectional(keras.layers.GRU(3, reset_after=True))(fused)
    plain = keras.layers.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid")(entry)
    plain = keras.layers.Concatenate()([fused, plain])
    model = keras.Model(entry, keras.layers.Dense(1)(plain))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 5, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
