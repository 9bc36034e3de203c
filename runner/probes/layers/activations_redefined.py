"""Functions of one name that are not the same in Keras 2 and 3 (hard_sigmoid): it loads and answers differently."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(8, activation="hard_sigmoid"),
            keras.layers.Dense(3, activation="tanh"),
            keras.layers.Activation("hard_sigmoid"),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).uniform(size=(8, 3)).astype("float32")
