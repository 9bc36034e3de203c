"""Batch, height, width and channels are all four: what is swapped or broadcast by mistake still fits everywhere."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(4, 4, 4)),
            keras.layers.Conv2D(4, 4, padding="same"),
            keras.layers.BatchNormalization(axis=1),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.Dense(4),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(4, use_bias=False),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 4, 4, 4)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 4)).astype("float32")
