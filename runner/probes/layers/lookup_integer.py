"""IntegerLookup given a vocabulary and then made one-hot: numbers that are names must map to the places they had."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"tensorflow": ">=2.5"}

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "StringLookup") else keras.layers.experimental.preprocessing


def build_model():
    number = keras.Input(shape=(1,), dtype="int64", name="number")
    place = layers.IntegerLookup(vocabulary=[42, 7, 1000, -3], num_oov_indices=1)(number)
    x = keras.layers.Flatten()(keras.layers.Embedding(8, 3)(place))
    model = keras.Model(number, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.array([[7], [42], [5], [-3], [1000], [7]], dtype="int64")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
