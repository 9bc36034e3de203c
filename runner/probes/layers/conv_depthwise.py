"""DepthwiseConv2D: files of Keras 2 hold groups=1 for it, an argument that Keras 3 does not take."""

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
            keras.layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(5, 8, 8, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(5, 2)).astype("float32")
