"""Text as counts over n-grams (multi_hot), on its own as a layer of a pipeline: output_mode was renamed from binary."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"keras": ">=2.6", "tensorflow": ">=2.6"}


def build_model():
    vectorize = keras.layers.TextVectorization(
        max_tokens=16, output_mode="multi_hot", pad_to_max_tokens=True, standardize="lower", split="character"
    )
    vectorize.adapt(np.array(["the cat sat", "a dog ran"]))
    text = keras.Input(shape=(1,), dtype="string", name="text")
    model = keras.Model(text, keras.layers.Dense(1)(vectorize(text)))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.array([["The cat sat."], ["A DOG ran!"], ["the cat"], ["birds"], [""], ["a cat a dog"]])


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
