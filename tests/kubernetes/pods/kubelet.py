"""Stands in for kubelet and container runtime: runs every pod of the API server as processes of this machine.

Arguments: the API server's address, its certificate authority, a token, a folder for what it writes, then NAME=PROGRAM for each
image that has an entrypoint. A pod has its own network of IPv4 and IPv6 beside the bridge `pods`; a container sees this machine's
files as a layer of its own, its volumes in their places, and runs as the user and with the rights that the pod says.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request

from cluster import Cluster, contents, variables, write

# As root in the container's network and its own table of mounts: puts the files together, and becomes the container.
START = """set -eu
mount -t overlay -o "lowerdir=/,upperdir=$UPPER,workdir=$SCRATCH" container "$ROOT"
mount --rbind /proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
printf '%s\\n' "$MOUNTS" | while IFS='|' read -r from to options; do
  [ -n "$from" ] || continue
  to=$(chroot "$ROOT" realpath -m "$to")
  if [ -d "$from" ]; then mkdir -p "$ROOT$to"; else touch "$ROOT$to"; fi
  mount --bind "$from" "$ROOT$to"
  [ "$options" = rw ] || mount -o remount,bind,ro "$ROOT$to"
done
[ "$READ_ONLY" = no ] || mount -o remount,bind,ro "$ROOT"
exec chroot "$ROOT" setpriv $RIGHTS env -i "$@"
"""


class Container:
    def __init__(self, pod, spec, number):
        self.pod, self.spec, self.name = pod, spec, spec["name"]
        self.folder = os.path.join(pod.folder, f"{number}-{self.name}")
        self.process = None
        self.asked_to_end = None

    def start(self):
        for name in ("upper", "scratch", "root"):
            os.makedirs(os.path.join(self.folder, name))
        image = self.spec["image"].split("@")[0].rsplit("/", 1)[-1].split(":")[0]
        entrypoint = self.pod.images.get(image)
        command = self.spec.get("command") or ["/" + image]
        mounts = [(entrypoint, "/" + image, "ro")] if entrypoint else []
        for mount in self.spec.get("volumeMounts", []):
            mounts.append((self.pod.volumes[mount["name"]], mount["mountPath"], "ro" if mount.get("readOnly") else "rw"))
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", **variables(self.pod.cluster, self.pod.object, self.spec)}
        told = {
            "PATH": os.environ["PATH"],
            "ROOT": os.path.join(self.folder, "root"),
            "UPPER": os.path.join(self.folder, "upper"),
            "SCRATCH": os.path.join(self.folder, "scratch"),
            "MOUNTS": "\n".join("|".join(mount) for mount in mounts),
            "READ_ONLY": "yes" if self.spec.get("securityContext", {}).get("readOnlyRootFilesystem") else "no",
            "RIGHTS": self.rights(),
        }
        arguments = [f"{name}={value}" for name, value in environment.items()] + command + self.spec.get("args", [])
        inside = ["nsenter", f"--net=/run/netns/{self.pod.name}", "unshare", "--mount", "--propagation", "private", "sh", "-c", START, "sh"]
        with open(os.path.join(self.pod.folder, f"{self.name}.log"), "wb") as log:
            self.process = subprocess.Popen(inside + arguments, env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pod.record(container=self.name, event="started")

    def rights(self):
        mine, whole = self.spec.get("securityContext", {}), self.pod.object["spec"].get("securityContext", {})
        user = mine.get("runAsUser", whole.get("runAsUser", 0))
        if mine.get("runAsNonRoot", whole.get("runAsNonRoot")) and user == 0:
            raise PermissionError(f"{self.name} would run as root")
        rights = ["--reuid", str(user), "--regid", str(mine.get("runAsGroup", whole.get("runAsGroup", 0))), "--clear-groups"]
        if mine.get("allowPrivilegeEscalation") is False:
            rights.append("--no-new-privs")
        if "ALL" in mine.get("capabilities", {}).get("drop", []):
            rights += ["--inh-caps=-all", "--bounding-set=-all"]
        return " ".join(rights)

    def has_started(self):
        """Whether its startup probe has succeeded, asked as often and as long as it says."""
        probe = self.spec.get("startupProbe")
        if not probe:
            return True
        port = probe["httpGet"]["port"]
        port = next((entry["containerPort"] for entry in self.spec.get("ports", []) if entry.get("name") == port), port)
        for _ in range(probe.get("failureThreshold", 3)):
            try:
                urllib.request.urlopen(f"http://{self.pod.address}:{port}{probe['httpGet']['path']}", timeout=1)
                self.pod.record(container=self.name, event="ready")
                return True
            except OSError:
                if self.has_ended() or self.pod.is_ending.wait(probe.get("periodSeconds", 10)):
                    return False
        return False

    def has_ended(self):
        return self.process is not None and self.process.poll() is not None

    def end(self):
        self.asked_to_end = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(self.pod.object["spec"].get("terminationGracePeriodSeconds", 30))
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.note_end()

    def note_end(self):
        seconds = time.monotonic() - self.asked_to_end if self.asked_to_end else None
        self.pod.record(container=self.name, event="ended", code=self.process.wait(), seconds=seconds)

    def status(self):
        state = {"waiting": {"reason": "PodInitializing"}}
        if self.has_ended():
            state = {"terminated": {"exitCode": self.process.returncode, "reason": "Error" if self.process.returncode else "Completed"}}
        elif self.process:
            state = {"running": {}}
        return {"name": self.name, "image": self.spec["image"], "imageID": "", "ready": "running" in state, "restartCount": 0, "state": state}


class Pod(threading.Thread):
    count = 1

    def __init__(self, cluster, found, folder, images):
        super().__init__(daemon=True)
        self.cluster, self.object, self.images = cluster, found, images
        self.name = "{namespace}.{name}".format(**found["metadata"])
        self.folder = os.path.join(folder, self.name + "." + found["metadata"]["uid"][:4])
        self.is_ending = threading.Event()
        Pod.count += 1
        self.number, self.address = Pod.count, f"192.0.2.{Pod.count}"
        self.volumes = {volume["name"]: os.path.join(self.folder, "volume-" + volume["name"]) for volume in found["spec"].get("volumes", [])}
        numbered = enumerate(found["spec"].get("initContainers", []) + found["spec"]["containers"])
        containers = [Container(self, spec, number) for number, spec in numbered]
        self.first, self.apps = containers[: -len(found["spec"]["containers"])], containers[-len(found["spec"]["containers"]) :]

    def record(self, **event):
        with open(os.path.join(self.folder, "events"), "a") as file:
            print(json.dumps({"time": time.time(), **event}), file=file)

    def run(self):
        os.makedirs(self.folder)
        link = os.path.join(os.path.dirname(self.folder), self.name)
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(self.folder, link)
        try:
            self.make_network()
            self.renew_volumes()
            succeeded = self.run_containers()
        except Exception as error:
            self.record(event="failed", reason=repr(error))
            succeeded = False
        for container in reversed(self.first + self.apps):
            if container.process and not container.has_ended():
                container.end()
        self.tell("Succeeded" if succeeded else "Failed")
        self.record(event="over")
        subprocess.run(["ip", "netns", "delete", self.name], check=False)

    def run_containers(self):
        for container in self.first:
            container.start()
            is_sidecar = container.spec.get("restartPolicy") == "Always"
            if is_sidecar and not container.has_started():
                return False
            if not is_sidecar and container.process.wait() != 0:
                return False
            self.tell("Pending")
        for container in self.apps:
            container.start()
        told = None
        while not self.is_ending.wait(0.1) and not all(container.has_ended() for container in self.apps):
            self.renew_volumes()
            state = [container.has_ended() for container in self.apps]
            if state != told:
                self.tell("Running")
                told = state
        for container in self.apps:
            if container.has_ended():
                container.note_end()
        return all(container.has_ended() and container.process.returncode == 0 for container in self.apps)

    def tell(self, phase):
        status = {"phase": phase, "podIP": self.address, "podIPs": [{"ip": self.address}, {"ip": f"fd00:7164::{self.number:x}"}]}
        status["initContainerStatuses"] = [container.status() for container in self.first]
        status["containerStatuses"] = [container.status() for container in self.apps]
        self.cluster.set_status(self.object, status)

    def make_network(self):
        name, link = self.name, f"pod{self.number}"
        subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)
        for command in (
            f"ip netns add {name}",
            f"ip link add {link} type veth peer name eth0 netns {name}",
            f"ip link set {link} master pods up",
            f"ip -n {name} address add {self.address}/24 dev eth0",
            f"ip -n {name} address add fd00:7164::{self.number:x}/64 dev eth0 nodad",
            f"ip -n {name} link set eth0 up",
            f"ip -n {name} link set lo up",
        ):
            subprocess.run(command.split(), check=True)

    def renew_volumes(self):
        """Kubelet does it about once a minute."""
        if getattr(self, "renewed", 0) > time.monotonic() - 1:
            return
        self.renewed = time.monotonic()
        for volume in self.object["spec"].get("volumes", []):
            folder = self.volumes[volume["name"]]
            is_new = not os.path.isdir(folder)
            os.makedirs(folder, exist_ok=True)
            # A token is asked for once, for no test lasts as long as it does.
            files = contents(self.cluster, self.object, volume) if is_new or "projected" not in volume else None
            if files is not None:
                write(folder, files)


def main(server, authority, token, folder, *images):
    cluster = Cluster(server, authority, token)
    known = dict(image.split("=", 1) for image in images)
    pods = {}
    while True:
        there = {pod["metadata"]["uid"]: pod for pod in cluster.ask("/api/v1/pods")["items"]}
        for uid, pod in there.items():
            if uid not in pods:
                pods[uid] = Pod(cluster, pod, folder, known)
                pods[uid].start()
        for uid, pod in pods.items():
            if uid not in there:
                pod.is_ending.set()
        time.sleep(0.1)


main(*sys.argv[1:])
