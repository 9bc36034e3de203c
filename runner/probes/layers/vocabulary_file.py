"""StringLookup with its vocabulary in a text file: the model may point to a path that nobody else has."""

import os
import shutil
import tempfile

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

REQUIRES = {"tensorflow": ">=2.5"}
FORMATS = ("keras", "h5", "savedmodel")

# The place before TF 2.6.
layers = keras.layers if hasattr(keras.layers, "StringLookup") else keras.layers.experimental.preprocessing
FOLDER = tempfile.mkdtemp()


def build_model():
    path = os.path.join(FOLDER, "vocabulary.txt")
    with open(path, "w") as stream:
        stream.write("red\ngreen\nblue\n")
    word = keras.Input(shape=(1,), dtype="string", name="word")
    place = layers.StringLookup(vocabulary=path)(word)
    x = keras.layers.Flatten()(keras.layers.Embedding(8, 3)(place))
    model = keras.Model(word, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def save(model, path, saved_as):
    model.save(path)
    shutil.rmtree(FOLDER)  # the consumer is somewhere else, and has the model's file alone


def inputs():
    return np.array([["red"], ["green"], ["blue"], ["pink"], ["red"], ["blue"]])


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
