"""One layer used three times, at the top and inside a nested model: two copies of it would learn apart."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint", "json")


def build_model():
    shared = keras.layers.Dense(5, activation="tanh", name="shared")
    inside = keras.Input(shape=(5,))
    tower = keras.Model(inside, keras.layers.Dense(5)(shared(inside)), name="tower")
    left, right = keras.Input(shape=(5,), name="left"), keras.Input(shape=(5,), name="right")
    x = keras.layers.Concatenate()([tower(left), tower(right), shared(left)])
    model = keras.Model([left, right], keras.layers.Dense(1)(x))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    random = np.random.RandomState(1)
    return [random.normal(size=(5, 5)).astype("float32"), random.normal(size=(5, 5)).astype("float32")]


def targets():
    return np.random.RandomState(2).normal(size=(5, 1)).astype("float32")
