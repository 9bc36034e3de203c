"""BatchNormalization with arguments that one Keras writes and another refuses, and averages that are not trained."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(4, 6)),
            keras.layers.BatchNormalization(axis=1, momentum=0.5, epsilon=1e-2, scale=False),
            keras.layers.Dense(5),
            keras.layers.BatchNormalization(center=False, moving_variance_initializer="ones"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 4, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
