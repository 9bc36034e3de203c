"""LayerNormalization over one and over two axes: axes are a list in the file, and the epsilon is in the result."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(4, 6)),
            keras.layers.LayerNormalization(axis=[1, 2], epsilon=1e-2),
            keras.layers.Dense(5),
            keras.layers.LayerNormalization(center=False),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 4, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
