"""A feature extractor cut out of a trained model with two heads: layers off its path must not follow it."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    entry = keras.Input(shape=(6,), name="entry")
    x = keras.layers.Dense(6, activation="tanh", name="features")(entry)
    label = keras.layers.Dense(3, activation="softmax", name="label")(x)
    whole = keras.Model(entry, [label, keras.layers.Dense(1, name="score")(x)])
    whole.compile(optimizer="adam", loss=["mean_squared_error", "mean_squared_error"])
    whole.train_on_batch(inputs(), [np.ones((8, 3), "float32"), np.ones((8, 1), "float32")])
    return keras.Model(whole.input, whole.get_layer("features").output)


def inputs():
    return np.random.RandomState(1).normal(size=(8, 6)).astype("float32")
