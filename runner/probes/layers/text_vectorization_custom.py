"""TextVectorization with its own standardize and split functions: a file holds their names, and code must hold them."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"tensorflow": ">=2.5"}


# The place before TF 2.6.
layers = (
    keras.layers if hasattr(keras.layers, "TextVectorization") else keras.layers.experimental.preprocessing
)


@keras.utils.register_keras_serializable(package="crossload")
def without_tags(text):
    return tf.strings.lower(tf.strings.regex_replace(text, "<[^>]*>", " "))


@keras.utils.register_keras_serializable(package="crossload")
def at_commas(text):
    return tf.strings.split(text, ",")


def build_model():
    vectorize = layers.TextVectorization(
        standardize=without_tags, split=at_commas, output_sequence_length=4, max_tokens=20
    )
    vectorize.adapt(np.array(["<b>cat</b>,dog", "dog,bird", "cat,cat,dog"]))
    text = keras.Input(shape=(1,), dtype="string", name="text")
    x = keras.layers.Flatten()(keras.layers.Embedding(20, 3)(vectorize(text)))
    model = keras.Model(text, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.array([["cat,dog"], ["<i>dog</i>"], ["bird"], ["CAT,cow"], [""], ["dog,dog,cat,bird"]])


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
