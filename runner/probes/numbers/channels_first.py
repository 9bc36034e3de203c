"""Layers that say channels_first: axes of the file against axes of the build, which on a CPU may not be able."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(3, 8, 8)),
            keras.layers.BatchNormalization(axis=1),
            keras.layers.Permute((2, 3, 1)),
            keras.layers.Conv2D(4, 3),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.UpSampling2D(2, data_format="channels_first"),
            keras.layers.GlobalAveragePooling2D(data_format="channels_first"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 3, 8, 8)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
