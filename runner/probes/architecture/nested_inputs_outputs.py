"""A functional graph with dictionaries and lists of inputs and outputs: the nest must come back, not a flat list."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint", "json")


def build_model():
    user = keras.Input(shape=(4,), name="user")
    first, second = keras.Input(shape=(4,), name="z_first"), keras.Input(shape=(4,), name="a_second")
    inputs = {"user": user, "items": [first, second]}
    left = keras.layers.Dense(3)(keras.layers.Concatenate()([user, first]))
    right = keras.layers.Dense(3)(keras.layers.Concatenate()([user, second]))
    both = keras.layers.Add()([left, right])
    return keras.Model(inputs, {"score": keras.layers.Dense(1)(both), "parts": [right, left]})


def inputs():
    random = np.random.RandomState(1)
    first, second, user = (random.normal(size=(5, 4)).astype("float32") for _ in range(3))
    return {"user": user, "items": [first, second]}
