"""save_weights in TensorFlow's format, restored by tf.train.Checkpoint(model=...): roots differ, silently."""

import os

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras
FORMATS = ("checkpoint",)


def build_model():
    model = keras.Sequential([keras.layers.Input(shape=(6,)), keras.layers.Dense(3)])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def save(model, path, format_name):
    model.save_weights(os.path.join(path, "ckpt"))


def load(path, format_name):
    import tensorflow as tf

    model = build_model()
    tf.train.Checkpoint(model=model).restore(os.path.join(path, "ckpt"))
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 3)).astype("float32")
