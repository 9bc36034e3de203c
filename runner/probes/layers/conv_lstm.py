"""ConvLSTM2D: a recurrent layer with convolutions inside; old arguments of both kinds stand in its config."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(3, 6, 6, 2)),
            keras.layers.ConvLSTM2D(3, 3, padding="same", return_sequences=False),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 3, 6, 6, 2)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
