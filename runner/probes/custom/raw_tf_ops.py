"""Raw TensorFlow functions in a functional graph: Keras 2 saves them as TFOpLambda, a class that Keras 3 has not."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "json")
REQUIRES = {"keras": "<3", "tensorflow": ""}


def build_model():
    entry = keras.Input(shape=(4, 6))
    x = tf.reduce_mean(keras.layers.Dense(6)(entry), axis=1)
    x = tf.concat([tf.nn.relu(x), tf.math.tanh(x)], axis=-1)
    model = keras.Model(entry, keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 4, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
