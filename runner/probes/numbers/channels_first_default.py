"""Built where channels come first by default: layers that say nothing must have written down what they meant."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    keras.backend.set_image_data_format("channels_first")
    try:
        model = keras.Sequential(
            [
                keras.layers.Input(shape=(3, 8, 8)),
                keras.layers.ZeroPadding2D(1),
                keras.layers.Cropping2D(2),
                keras.layers.GlobalMaxPooling2D(),
                keras.layers.Dense(1),
            ]
        )
        model.compile(optimizer="sgd", loss="mean_squared_error")
    finally:
        keras.backend.set_image_data_format("channels_last")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(4, 3, 8, 8)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
