"""Discretization adapted to data before CategoryEncoding: the bin edges are learned, and live in the config."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"keras": ">=2.6", "tensorflow": ">=2.6"}  # to adapt takes TensorFlow


def build_model():
    bins = keras.layers.Discretization(num_bins=4)
    bins.adapt(np.random.RandomState(3).normal(size=(64, 1)).astype("float32"))
    number = keras.Input(shape=(1,), name="number")
    x = keras.layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(bins(number))
    model = keras.Model(number, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 1)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
