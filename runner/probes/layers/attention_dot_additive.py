"""Attention and AdditiveAttention: learned scales whose arguments (use_scale, score_mode, causal) came and went."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    query = keras.Input(shape=(4, 6), name="query")
    value = keras.Input(shape=(5, 6), name="value")
    dot = keras.layers.Attention(use_scale=True)([query, value])
    additive = keras.layers.AdditiveAttention(use_scale=True)([query, value])
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Concatenate()([dot, additive]))
    model = keras.Model([query, value], keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    random = np.random.RandomState(1)
    return [random.normal(size=(3, 4, 6)).astype("float32"), random.normal(size=(3, 5, 6)).astype("float32")]


def targets():
    return np.random.RandomState(2).normal(size=(3, 1)).astype("float32")
