"""Hashing with a salt: it has no state at all, so only the hash function itself can change, and then every id does."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"tensorflow": ">=2.5"}

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "Hashing") else keras.layers.experimental.preprocessing


def build_model():
    word = keras.Input(shape=(1,), dtype="string", name="word")
    number = keras.Input(shape=(1,), dtype="int64", name="number")
    plain = keras.layers.Embedding(7, 3)(layers.Hashing(num_bins=7)(word))
    salted = keras.layers.Embedding(9, 3)(layers.Hashing(num_bins=9, salt=[133, 137])(number))
    x = keras.layers.Flatten()(keras.layers.Concatenate()([plain, salted]))
    model = keras.Model({"word": word, "number": number}, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return {
        "word": np.array([["red"], ["green"], ["blue"], ["pink"], ["red"], ["blue"]]),
        "number": np.array([[1], [2], [3], [1000], [-5], [1]], dtype="int64"),
    }


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
