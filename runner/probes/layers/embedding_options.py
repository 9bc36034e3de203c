"""Embedding with input_length (Keras 2 only) and a regularizer: arguments that one version drops, another refuses."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")

# Keras 3 has taken the argument away.
LENGTH = {} if int(getattr(keras, "__version__", "2").split(".")[0]) > 2 else {"input_length": 5}


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(5,)),
            keras.layers.Embedding(
                12, 4, embeddings_initializer="glorot_normal", embeddings_regularizer="l2", **LENGTH
            ),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).randint(0, 12, size=(6, 5)).astype("int32")


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
