"""The only code of ours that runs inside an environment, beside the probes.

It imports the framework once and forks a child per cell. It must run on Python 3.7 and later with NumPy and
Keras alone, so it imports nothing else of this project and nothing from outside but what is there anyway.
"""
