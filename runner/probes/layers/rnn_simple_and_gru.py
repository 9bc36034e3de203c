"""SimpleRNN and both bias layouts of GRU: reset_after added a row to the bias, and a wrong row predicts quietly."""

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
            keras.layers.SimpleRNN(4, return_sequences=True, go_backwards=True),
            keras.layers.GRU(4, reset_after=False, return_sequences=True),
            keras.layers.GRU(4, reset_after=True, implementation=1, recurrent_dropout=0.1),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 5, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
