"""A reader of kustomization.yaml, for machines without kubectl: the keys that ours has, and no other.

Enters: a folder. Leaves: the objects that `kubectl kustomize` would make of it, but for the hash behind the name of a
generated ConfigMap. What it does not know fails, so that nothing is taken for checked that is not.
"""

from pathlib import Path
from typing import Any

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "configMapGenerator", "images"}
CLUSTER_WIDE = {"Namespace"}


def build(folder: Path) -> list[dict[str, Any]]:
    """Return the objects."""
    told = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    assert told.keys() <= KNOWN, (
        f"this reader does not know {sorted(told.keys() - KNOWN)}: teach it, or install kubectl"
    )
    assert (told["apiVersion"], told["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    found = [
        one
        for name in told["resources"]
        for one in yaml.safe_load_all((folder / name).read_text("utf-8"))
        if one is not None
    ]
    for one in told.get("configMapGenerator", ()):
        assert one.keys() == {"name", "files"}, one
        data = {file: (folder / file).read_text("utf-8") for file in one["files"]}
        found.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": one["name"]}, "data": data})
    for one in found:
        if one["kind"] not in CLUSTER_WIDE:
            one["metadata"]["namespace"] = told["namespace"]
    used = set()
    for container in containers(found):
        for image in told.get("images", ()):
            assert image.keys() == {"name", "newName", "newTag"}, image
            if container["image"].partition(":")[0] == image["name"]:
                used.add(image["name"])
                container["image"] = f"{image['newName']}:{image['newTag']}"
    assert used == {image["name"] for image in told.get("images", ())}, "every image that is replaced is in use"
    return found


def containers(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the containers of all pods."""
    pods = [one["spec"]["template"]["spec"] for one in objects if "template" in one.get("spec", {})]
    return [each for pod in pods for each in (*pod.get("initContainers", ()), *pod["containers"])]
