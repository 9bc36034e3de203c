"""Transposed convolutions in one, two and three dimensions: groups in the config, and output_padding beside it."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6, 2)),
            keras.layers.Conv1DTranspose(3, 3, strides=2, padding="same"),
            keras.layers.Reshape((6, 6, 1)),
            keras.layers.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1),
            keras.layers.Reshape((12, 12, 2, 1)),
            keras.layers.Conv3DTranspose(2, 3, padding="valid", use_bias=False),
            keras.layers.GlobalMaxPooling3D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 6, 2)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
