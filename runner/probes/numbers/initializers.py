"""Initializers, regularizers and constraints as objects with seeds: settings that only building anew would use."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(6,)),
            keras.layers.Dense(
                6,
                kernel_initializer=keras.initializers.VarianceScaling(2.0, mode="fan_out", seed=5),
                bias_initializer=keras.initializers.Constant(0.1),
                kernel_regularizer=keras.regularizers.L1L2(l1=0.01, l2=0.02),
                activity_regularizer="l2",
            ),
            keras.layers.Dense(
                4,
                kernel_initializer=keras.initializers.Orthogonal(gain=1.5, seed=6),
                kernel_constraint=keras.constraints.MaxNorm(2.0),
                bias_constraint="non_neg",
            ),
            keras.layers.Dense(1, kernel_initializer="he_uniform"),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(8, 1)).astype("float32")
