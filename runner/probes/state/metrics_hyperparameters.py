"""Metrics with thresholds, a curve and a k: their values say something else where an argument is left behind."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        optimizer="sgd",
        loss="binary_crossentropy",
        metrics=[
            keras.metrics.Precision(thresholds=0.3, name="sure"),
            keras.metrics.AUC(num_thresholds=20, curve="PR", name="area"),
            keras.metrics.BinaryAccuracy(threshold=0.7),
        ],
    )
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).randint(0, 2, size=(8, 1)).astype("float32")
