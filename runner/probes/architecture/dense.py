"""A plain classifier trained for one epoch, compiled without metrics: its file loads almost anywhere, and forgets."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

TAGS = ("core",)


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input(shape=(10,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(32, 10)).astype("float32")


def targets():
    return np.random.RandomState(2).randint(0, 3, size=(32,)).astype("int32")


def train(model):
    model.fit(inputs(), targets(), epochs=1, batch_size=8, shuffle=False, verbose=0)
