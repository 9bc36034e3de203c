"""StringLookup as tf-idf: the inverse document frequencies are state beside the vocabulary, and easily left behind."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"keras": ">=2.6", "tensorflow": ">=2.6"}


def build_model():
    lookup = keras.layers.StringLookup(
        vocabulary=["red", "green", "blue"], idf_weights=[0.2, 0.9, 1.7], output_mode="tf_idf"
    )
    words = keras.Input(shape=(2,), dtype="string", name="words")
    model = keras.Model(words, keras.layers.Dense(1)(lookup(words)))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.array(
        [
            ["red", "green"],
            ["blue", "pink"],
            ["red", "red"],
            ["green", "green"],
            ["blue", "red"],
            ["pink", "pink"],
        ]
    )


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
