"""A model class with its own training step: loaded as a plain model it predicts the same and learns otherwise."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

REQUIRES = {"tensorflow": ""}
FORMATS = ("keras", "h5", "savedmodel", "json")


class Twice(keras.Model):
    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = 2.0 * tf.reduce_mean(tf.square(self(data[0], training=True) - data[1]))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))  # noqa: B905
        return {"loss": loss}


CUSTOM_OBJECTS = {"Twice": Twice}


def build_model():
    entry = keras.Input(shape=(6,))
    model = Twice(entry, keras.layers.Dense(1)(keras.layers.Dense(4, activation="tanh")(entry)))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
