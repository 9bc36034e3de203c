from environments import facts


def test_pythons_of_a_release() -> None:
    assert facts.pythons("2.15.1") == ("3.9", "3.10", "3.11")
    assert facts.pythons("2.15.0.post1") == ("3.9", "3.10", "3.11")
    assert facts.pythons("2.10.1")[-1] == "3.10"
    assert facts.pythons("2.99.0") == ()


def test_pythons_are_listed_oldest_first() -> None:
    for pythons in facts.PYTHONS_OF_TENSORFLOW.values():
        assert sorted(pythons, key=lambda text: int(text.split(".")[1])) == list(pythons)


def test_minor() -> None:
    assert facts.minor("2.16.0rc1") == "2.16"
