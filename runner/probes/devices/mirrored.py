"""Built and trained under MirroredStrategy on two logical CPUs, and loaded without: each variable has two copies."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

FORMATS = ("keras", "savedmodel", "export", "checkpoint")
REQUIRES = {"tensorflow": ">=2.5"}


def two_cpus():
    """A strategy over two logical CPUs. They are made once, before anything has run."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    if not tf.config.get_logical_device_configuration(cpu):
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def build_model():
    with two_cpus().scope():
        model = keras.Sequential(
            [
                keras.layers.Input(shape=(6,)),
                keras.layers.Dense(4, activation="relu"),
                keras.layers.LayerNormalization(),
                keras.layers.Dense(1),
            ]
        )
        model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def train(model):
    model.fit(inputs(), targets(), epochs=2, batch_size=8, shuffle=False, verbose=0)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
