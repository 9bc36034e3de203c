"""Resizing, CenterCrop and Rescaling: no weights, but a changed default of interpolation predicts something else."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "RandomFlip") else keras.layers.experimental.preprocessing


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(8, 8, 3)),
            layers.Resizing(7, 9, interpolation="bicubic"),
            layers.CenterCrop(6, 6),
            layers.Rescaling(2.0, offset=-1.0),
            keras.layers.Conv2D(2, 3),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).uniform(0.0, 1.0, size=(4, 8, 8, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
