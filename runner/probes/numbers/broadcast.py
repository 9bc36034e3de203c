"""A branch that is broadcast over another, as in squeeze and excite: one wrong axis gives numbers and no error."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "weights")


def build_model():
    image = keras.Input(shape=(5, 5, 5))
    gate = keras.layers.GlobalAveragePooling2D()(image)
    gate = keras.layers.Reshape((1, 1, 5))(keras.layers.Dense(5, activation="sigmoid")(gate))
    x = keras.layers.Multiply()([image, gate])
    row = keras.layers.GlobalAveragePooling1D()(keras.layers.Reshape((5, 25))(x))
    x = keras.layers.Add()([x, keras.layers.Reshape((1, 5, 5))(row)])
    x = keras.layers.Dot(axes=-1)([keras.layers.Reshape((25, 5))(x), keras.layers.Reshape((1, 5))(gate)])
    model = keras.Model(image, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.random.RandomState(1).normal(size=(5, 5, 5, 5)).astype("float32")


def targets():
    return np.random.RandomState(2).normal(size=(5, 1)).astype("float32")
