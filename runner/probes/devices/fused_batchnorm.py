"""Convolutions and batch norm as a GPU fuses them, in half precision: each kernel has digits of its own."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "savedmodel", "export", "checkpoint")


def build_model():
    image = keras.Input(shape=(8, 8, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", dtype="mixed_float16")(image)
    x = keras.layers.BatchNormalization(dtype="mixed_float16")(x)
    x = keras.layers.Activation("relu", dtype="float32")(x)
    x = keras.layers.SeparableConv2D(4, 3, strides=2, padding="same")(x)
    model = keras.Model(image, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(x)))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 8, 8, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
