"""The same classifier compiled without metrics: the file that loads with one warning and forgets its optimizer."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(10,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(16, 10)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(16, 1)).astype("float32")
