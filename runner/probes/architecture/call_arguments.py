"""Layers called with several, named and repeated tensors: which output went to which argument must be saved too."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    query, value = keras.Input(shape=(4, 4), name="query"), keras.Input(shape=(4, 4), name="value")
    x = keras.layers.MultiHeadAttention(num_heads=2, key_dim=2)(query=query, value=value)
    x = keras.layers.Subtract()([x, query])
    x, state = keras.layers.GRU(4, return_state=True)(
        x, initial_state=keras.layers.GlobalAveragePooling1D()(value)
    )
    model = keras.Model([query, value], keras.layers.Dense(1)(keras.layers.Concatenate()([state, x])))
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def inputs():
    random = np.random.RandomState(1)
    return [random.normal(size=(4, 4, 4)).astype("float32"), random.normal(size=(4, 4, 4)).astype("float32")]


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
