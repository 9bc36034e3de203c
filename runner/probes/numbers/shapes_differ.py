"""The same layers with batch, height, width and channels all different: only one order of the axes fits."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(5, 7, 3)),
            keras.layers.Conv2D(4, 4, padding="same"),
            keras.layers.BatchNormalization(axis=1),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.Dense(6),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(9, use_bias=False),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(2, 5, 7, 3)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(2, 9)).astype("float32")
