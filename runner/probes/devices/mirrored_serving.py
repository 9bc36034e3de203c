"""A SavedModel exported under MirroredStrategy: the functions were traced for replicas that are not there to serve."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

REQUIRES = {"tensorflow": ">=2.5"}
FORMATS = ("savedmodel", "export")


def two_cpus():
    """A strategy over two logical CPUs. They are made once, before anything has run."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    if not tf.config.get_logical_device_configuration(cpu):
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def build_model():
    with two_cpus().scope():
        entry = keras.Input(shape=(5, 3))
        x = keras.layers.LSTM(4)(entry)
        model = keras.Model(entry, keras.layers.Dense(1)(x))
        model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def train(model):
    model.fit(inputs(), targets(), epochs=1, batch_size=4, shuffle=False, verbose=0)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 5, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
