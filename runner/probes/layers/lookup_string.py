"""StringLookup adapted to words, with a mask and two unknowns: an index that shifts by one is a wrong word, quietly."""

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
    lookup = layers.StringLookup(mask_token="", num_oov_indices=2)
    lookup.adapt(np.array(["blue", "red", "red", "green", "green", "green", "grün"]))
    word = keras.Input(shape=(1,), dtype="string", name="word")
    x = keras.layers.Flatten()(keras.layers.Embedding(8, 3)(lookup(word)))
    model = keras.Model(word, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.array([["red"], ["green"], ["blue"], ["pink"], ["grün"], [""]])


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
