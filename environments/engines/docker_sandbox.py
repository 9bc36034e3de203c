"""The container that a job runs in: what it may see, touch and use up.

A model file is code, so a job gets nothing that it does not need. Every limit here was seen to work with
TensorFlow, Keras on JAX, and the agent that forks.
"""

from collections.abc import Mapping, Sequence

from docker import DockerClient
from docker.models.containers import Container
from docker.types import DeviceRequest, LogConfig, Mount, Ulimit

#: "nobody" in Debian, Ubuntu and their images; no account is needed for it.
USER = 65534
#: Where a job's volume is.
WORK = "/work"
#: Processes and threads: TensorFlow starts some per core and process.
PROCESSES = 2048
#: Bytes of the largest file; the size of a whole volume cannot be bound on most daemons.
LARGEST_FILE = 32 * 1024**3

_VARIABLES = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    # Some libraries ask for the user's name, and the image's list of users need not have this one.
    "USER": "nobody",
    "LOGNAME": "nobody",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
}


def create(
    client: DockerClient,
    image: str,
    command: Sequence[str],
    *,
    name: str,
    labels: Mapping[str, str],
    variables: Mapping[str, str],
    mounts: Sequence[Mount],
    memory: int,
    gpu: DeviceRequest | None = None,
    told: bool = False,
) -> Container:
    """Create the container, without starting it; ``told`` opens its standard input. Raises what the SDK raises."""
    return client.containers.create(
        image,
        # The image's own entrypoint would run something else.
        entrypoint=[command[0]],
        command=list(command[1:]),
        name=name,
        labels=dict(labels),
        environment={**_VARIABLES, **variables},
        user=f"{USER}:{USER}",
        working_dir="/tmp" if not mounts else WORK,
        mounts=list(mounts),
        tmpfs={"/tmp": "rw,exec,nosuid,nodev,size=1g,mode=1777"},
        read_only=True,
        stdin_open=told,
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        pids_limit=PROCESSES,
        mem_limit=memory,
        memswap_limit=memory,
        ulimits=[
            Ulimit(name="fsize", soft=LARGEST_FILE, hard=LARGEST_FILE),
            Ulimit(name="core", soft=0, hard=0),
        ],
        device_requests=[gpu] if gpu else None,
        # Output is read from the attached stream; the daemon's copy would grow without bound.
        log_config=LogConfig(type="none"),
        # Proxies of the host's own Docker settings must not reach a job.
        use_config_proxy=False,
    )


def gpus(info: Mapping[str, object]) -> DeviceRequest | None:
    """How to ask this daemon (its ``docker info``) for all GPUs; None when it has none to give."""
    runtimes = info.get("Runtimes")
    if isinstance(runtimes, Mapping) and "nvidia" in runtimes:
        return DeviceRequest(count=-1, capabilities=[["gpu", "compute", "utility"]])
    devices = info.get("DiscoveredDevices")
    for device in devices if isinstance(devices, list) else []:
        if isinstance(device, Mapping) and device.get("ID") == "nvidia.com/gpu=all":
            return DeviceRequest(driver="cdi", device_ids=["nvidia.com/gpu=all"])
    return None
