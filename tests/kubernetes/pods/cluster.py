"""What a pod needs of the API server: objects by path, its variables and the files of its volumes."""

import base64
import json
import os
import re
import shutil
import ssl
import urllib.error
import urllib.request


class Cluster:
    def __init__(self, server, authority, token):
        self.server, self.token = server, token
        self.context = ssl.create_default_context(cafile=authority)

    def ask(self, path, method="GET", body=None, kind="application/json"):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = urllib.request.Request(self.server + path, data, headers, method=method)
        with urllib.request.urlopen(request, context=self.context, timeout=60) as answer:
            return json.load(answer)

    def values(self, namespace, kind, name, optional=False):
        """The keys of a Secret or ConfigMap, as bytes; no such object is an error, as with kubelet."""
        try:
            found = self.ask(f"/api/v1/namespaces/{namespace}/{kind}/{name}")
        except urllib.error.HTTPError as error:
            if optional and error.code == 404:
                return {}
            raise
        if kind == "secrets":
            return {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}
        return {key: value.encode() for key, value in found.get("data", {}).items()}

    def set_status(self, pod, status):
        path = "/api/v1/namespaces/{namespace}/pods/{name}/status".format(**pod["metadata"])
        try:
            self.ask(path, "PATCH", {"status": status}, "application/merge-patch+json")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise


def field(pod, path):
    """The few fields that tests ask for."""
    return str({**pod["metadata"], "namespace": pod["metadata"]["namespace"]}[path.removeprefix("metadata.")])


def variables(cluster, pod, container):
    """Those of a container: of envFrom first, later ones win; `$(NAME)` stands for what came before."""
    namespace = pod["metadata"]["namespace"]
    found = {}
    for source in container.get("envFrom", []):
        for member, kind in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if member in source:
                origin = source[member]
                values = cluster.values(namespace, kind, origin["name"], origin.get("optional", False))
                found.update({source.get("prefix", "") + key: value.decode() for key, value in values.items()})
    for entry in container.get("env", []):
        origin = entry.get("valueFrom", {})
        if "secretKeyRef" in origin:
            value = cluster.values(namespace, "secrets", origin["secretKeyRef"]["name"])[origin["secretKeyRef"]["key"]].decode()
        elif "configMapKeyRef" in origin:
            value = cluster.values(namespace, "configmaps", origin["configMapKeyRef"]["name"])[origin["configMapKeyRef"]["key"]].decode()
        elif "fieldRef" in origin:
            value = field(pod, origin["fieldRef"]["fieldPath"])
        else:
            value = re.sub(r"\$\((\w+)\)", lambda name: found.get(name[1], name[0]), entry.get("value", ""))
        found[entry["name"]] = value
    return found


def selected(values, source):
    return {item["path"]: values[item["key"]] for item in source["items"]} if "items" in source else values


def contents(cluster, pod, volume):
    """The files of a volume by their names; None if it is one that the pod writes to itself."""
    namespace = pod["metadata"]["namespace"]
    if "secret" in volume:
        return selected(cluster.values(namespace, "secrets", volume["secret"]["secretName"]), volume["secret"])
    if "configMap" in volume:
        return selected(cluster.values(namespace, "configmaps", volume["configMap"]["name"]), volume["configMap"])
    if "projected" not in volume:
        return None
    files = {}
    for source in volume["projected"]["sources"]:
        if "serviceAccountToken" in source:
            wanted = source["serviceAccountToken"]
            spec = {"audiences": [wanted["audience"]] if wanted.get("audience") else [], "expirationSeconds": wanted["expirationSeconds"]}
            path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{pod['spec']['serviceAccountName']}/token"
            request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
            files[wanted["path"]] = cluster.ask(path, "POST", request)["status"]["token"].encode()
        elif "downwardAPI" in source:
            files |= {item["path"]: field(pod, item["fieldRef"]["fieldPath"]).encode() for item in source["downwardAPI"]["items"]}
        else:
            files |= contents(cluster, pod, source)
    return files


def write(folder, files):
    """Puts files in place all at once, as kubelet does: each is a link by way of `..data`, which is then pointed elsewhere."""
    current = os.path.join(folder, "..data")
    before = os.path.realpath(current)
    if os.path.isdir(before) and {name: open(os.path.join(before, name), "rb").read() for name in os.listdir(before)} == files:
        return
    fresh = os.path.join(folder, f"..{os.urandom(8).hex()}")
    os.makedirs(fresh)
    for name, content in files.items():
        with open(os.path.join(fresh, name), "wb") as file:
            file.write(content)
        link = os.path.join(folder, name)
        if not os.path.islink(link):
            os.symlink(os.path.join("..data", name), link)
    os.symlink(os.path.basename(fresh), current + ".new")
    os.replace(current + ".new", current)
    if os.path.isdir(before) and before != current:
        shutil.rmtree(before)
