"""Separable convolutions: two kernels in one layer, each with its own regularizer, constraint and initializer."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(8, 8, 3)),
            keras.layers.SeparableConv2D(
                4, 3, depth_multiplier=2, dilation_rate=2, pointwise_regularizer="l2"
            ),
            keras.layers.Reshape((16, 4)),
            keras.layers.SeparableConv1D(3, 5, depthwise_constraint="max_norm"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(2),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(5, 8, 8, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(5, 2)).astype("float32")
