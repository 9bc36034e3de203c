"""HashedCrossing of a word and a number: a pair becomes one bin, by a hash that every version must share."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"keras": ">=2.9", "tensorflow": ">=2.9"}

# The place before TF 2.10.
layers = keras.layers if hasattr(keras.layers, "HashedCrossing") else keras.layers.experimental.preprocessing


def build_model():
    word = keras.Input(shape=(1,), dtype="string", name="word")
    number = keras.Input(shape=(1,), dtype="int64", name="number")
    crossed = layers.HashedCrossing(num_bins=11, output_mode="one_hot")((word, number))
    model = keras.Model([word, number], keras.layers.Dense(1)(crossed))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return [
        np.array([["red"], ["green"], ["blue"], ["pink"], ["red"], ["blue"]]),
        np.array([[1], [2], [3], [1000], [-5], [1]], dtype="int64"),
    ]


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
