"""A nested model frozen in part: its weights are listed in another order than while they all learned."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    inside = keras.Input(shape=(6,))
    x = keras.layers.Dense(6, activation="tanh", name="low")(inside)
    x = keras.layers.BatchNormalization(name="norm")(x)
    base = keras.Model(inside, keras.layers.Dense(6, name="high")(x), name="base")
    entry = keras.Input(shape=(6,))
    model = keras.Model(entry, keras.layers.Dense(1)(base(entry)))
    for name in ("low", "norm"):
        base.get_layer(name).trainable = False
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(6, 6)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
