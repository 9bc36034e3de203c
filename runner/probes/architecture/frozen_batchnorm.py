"""A frozen BatchNormalization between layers that learn: frozen it also stops using the batch, in Keras 2 and 3."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights", "checkpoint")


def build_model():
    image = keras.Input(shape=(4, 4, 4))
    x = keras.layers.Conv2D(4, 3, padding="same")(image)
    x = keras.layers.BatchNormalization(name="frozen")(x)
    x = keras.layers.BatchNormalization(name="learning")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, keras.layers.Dense(1)(x))
    model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9), loss="mean_squared_error")
    return model


def train(model):
    for _ in range(2):
        model.train_on_batch(inputs(), targets())
    model.get_layer("frozen").trainable = False
    model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9), loss="mean_squared_error")
    model.train_on_batch(inputs(), targets())


def inputs():
    return np.random.RandomState(1).normal(size=(4, 4, 4, 4)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(4, 1)).astype("float32")
