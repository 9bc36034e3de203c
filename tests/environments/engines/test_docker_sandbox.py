from environments.engines.docker_sandbox import gpus


def test_the_nvidia_runtime_is_asked_by_capability() -> None:
    request = gpus({"Runtimes": {"runc": {}, "nvidia": {}}})
    assert request is not None
    assert request["Count"] == -1
    assert request["Capabilities"] == [["gpu", "compute", "utility"]]


def test_a_discovered_device_is_asked_by_name() -> None:
    info = {
        "Runtimes": {"runc": {}},
        "DiscoveredDevices": [
            {"Source": "cdi", "ID": "other"},
            {"Source": "cdi", "ID": "nvidia.com/gpu=all"},
        ],
    }
    request = gpus(info)
    assert request is not None
    assert (request["Driver"], request["DeviceIDs"]) == ("cdi", ["nvidia.com/gpu=all"])


def test_a_daemon_without_gpus_is_not_asked() -> None:
    assert gpus({"Runtimes": {"runc": {}}, "DiscoveredDevices": None}) is None
    assert gpus({}) is None
