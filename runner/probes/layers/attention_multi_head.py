"""MultiHeadAttention, self and cross: its inner layers have changed names, and with them their weights a place."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    query = keras.Input(shape=(4, 6), name="query")
    value = keras.Input(shape=(5, 6), name="value")
    x = keras.layers.MultiHeadAttention(num_heads=2, key_dim=3, name="cross")(query, value)
    x = keras.layers.LayerNormalization()(keras.layers.Add()([query, x]))
    x = keras.layers.MultiHeadAttention(num_heads=3, key_dim=2, use_bias=False, name="own")(x, x)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model([query, value], keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    random = np.random.RandomState(1)
    return [random.normal(size=(3, 4, 6)).astype("float32"), random.normal(size=(3, 5, 6)).astype("float32")]


def targets():
    return np.random.RandomState(2).normal(size=(3, 1)).astype("float32")
