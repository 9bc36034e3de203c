"""Normalization and StringLookup inside the model: statistics and a vocabulary are state, and text is no number."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

TAGS = ("core",)

REQUIRES = {"tensorflow": ">=2.5"}  # text is not a type of other backends

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "StringLookup") else keras.layers.experimental.preprocessing

WORDS = ["red", "green", "blue"]


def build_model():
    number = keras.Input(shape=(3,), name="number")
    word = keras.Input(shape=(1,), dtype="string", name="word")
    normalization = layers.Normalization()
    normalization.adapt(np.random.RandomState(3).normal(5.0, 2.0, size=(64, 3)).astype("float32"))
    index = layers.StringLookup(vocabulary=WORDS)(word)
    x = keras.layers.Flatten()(keras.layers.Embedding(8, 2)(index))
    x = keras.layers.Concatenate()([normalization(number), x])
    model = keras.Model({"number": number, "word": word}, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    random = np.random.RandomState(1)
    return {
        "number": random.normal(5.0, 2.0, size=(6, 3)).astype("float32"),
        "word": np.array([["red"], ["green"], ["blue"], ["pink"], ["red"], ["blue"]]),
    }


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
