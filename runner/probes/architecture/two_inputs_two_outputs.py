"""A functional graph with two inputs and two outputs: the order, names and nesting of both must come back."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

TAGS = ("core",)


def build_model():
    left = keras.Input(shape=(4,), name="left")
    right = keras.Input(shape=(6,), name="right")
    x = keras.layers.Concatenate()(
        [keras.layers.Dense(5, activation="tanh")(left), keras.layers.Dense(5, activation="tanh")(right)]
    )
    score = keras.layers.Dense(1, name="score")(x)
    label = keras.layers.Dense(3, activation="softmax", name="label")(x)
    model = keras.Model([left, right], [score, label])
    model.compile(optimizer="adam", loss=["mse", "sparse_categorical_crossentropy"], loss_weights=[0.5, 2.0])
    return model


def inputs():
    random = np.random.RandomState(1)
    return [random.normal(size=(9, 4)).astype("float32"), random.normal(size=(9, 6)).astype("float32")]


def targets():
    random = np.random.RandomState(2)
    return [random.normal(size=(9, 1)).astype("float32"), random.randint(0, 3, size=(9,)).astype("int32")]
