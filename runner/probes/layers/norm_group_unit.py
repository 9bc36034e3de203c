"""GroupNormalization and UnitNormalization: younger than many a consumer, which does not know their names."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")
REQUIRES = {"keras": ">=2.11"}


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(4, 6)),
            keras.layers.GroupNormalization(groups=3),
            keras.layers.Dense(6),
            keras.layers.UnitNormalization(axis=-1),
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
