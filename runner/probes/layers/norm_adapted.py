"""Normalization adapted to data and given constants: mean and variance are weights in the one, config in the other."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "StringLookup") else keras.layers.experimental.preprocessing


def build_model():
    adapted = layers.Normalization(axis=-1)
    adapted.adapt(np.random.RandomState(3).normal(5.0, 2.0, size=(64, 3)).astype("float32"))
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(3,)),
            adapted,
            layers.Normalization(axis=None, mean=0.5, variance=4.0),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
