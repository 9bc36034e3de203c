"""TextVectorization adapted to sentences: vocabulary, splitting and padding must come back for a word to match."""

import numpy as np

try:
    from tensorflow import keras
except ImportError:  # another backend carries Keras
    import keras

FORMATS = ("keras", "h5", "savedmodel", "export", "weights")
REQUIRES = {"tensorflow": ">=2.5"}

# The place before TF 2.6.
layers = (
    keras.layers if hasattr(keras.layers, "TextVectorization") else keras.layers.experimental.preprocessing
)


def build_model():
    vectorize = layers.TextVectorization(max_tokens=20, ngrams=2, output_sequence_length=5)
    vectorize.adapt(np.array(["the cat sat", "a dog ran", "the dog sat on a cat"]))
    text = keras.Input(shape=(1,), dtype="string", name="text")
    x = keras.layers.Flatten()(keras.layers.Embedding(20, 3)(vectorize(text)))
    model = keras.Model(text, keras.layers.Dense(1)(x))
    model.compile(optimizer="sgd", loss="mean_squared_error")
    return model


def inputs():
    return np.array([["The cat sat."], ["A DOG ran!"], ["the cat"], ["birds"], [""], ["a cat a dog"]])


def targets():
    return np.random.RandomState(2).normal(size=(6, 1)).astype("float32")
