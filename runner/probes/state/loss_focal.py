"""BinaryFocalCrossentropy with gamma and smoothing: many hyper-parameters, of which one is easily dropped."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel")
REQUIRES = {"keras": ">=2.9"}


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        optimizer="sgd",
        loss=keras.losses.BinaryFocalCrossentropy(gamma=1.5, from_logits=True, label_smoothing=0.1),
    )
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).randint(0, 2, size=(8, 1)).astype("float32")
