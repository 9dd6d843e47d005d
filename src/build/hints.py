"""What to do about an error that the compiler cannot know more of: a header that is not found."""
import os
import pathlib
import re

MISSING = re.compile(r"'(.+)' file not found")
ENTRIES_MAX = 50000  # of a project's tree, then the search is given up
GENERATORS = {
    ".mc": "the message compiler",
    ".man": "the compiler of event manifests",
    ".mof": "the WMI compiler",
    ".idl": "the interface compiler",
    ".in": "a build step",
}
FRAMEWORKS = {
    "wdf.h": "the driver framework (WDF)",
    "ndis.h": "network drivers (NDIS)",
    "fltkernel.h": "file system filters",
    "ks.h": "kernel streaming",
    "usb.h": "USB drivers",
    "usbdi.h": "USB drivers",
    "windows.h": "programs",
    "classpnp.h": "storage class drivers",
}


class Hints:
    def __init__(self, project):
        self.project = project
        self.told = set()
        self.files = None  # name in lower case -> paths

    def of(self, message):
        """A line that helps with a message, or None. Each header is explained once."""
        match = MISSING.match(message.text)
        if not match:
            return None
        name = match[1].replace("\\", "/")
        base = name.rsplit("/", 1)[-1].lower()
        if base in self.told:
            return None
        self.told.add(base)
        if base in FRAMEWORKS:
            return f"{name} is of {FRAMEWORKS[base]}: storhost has the headers of storage miniports"
        step = next((step for step in self.project.all_build_steps() if base in step.made()), None)
        if step:
            return f"{name} is made by the build step {step.name} ({step.place}), which has to run first"
        places = self.search(base, len(name.split("/")))
        if places:
            return f"{name} is in {places[0]}: add -I {places[0]}"
        stem = pathlib.PurePath(base).stem
        generators = GENERATORS if base.endswith(".h") else {}
        for suffix, generator in generators.items():
            for source in (stem + suffix, base + suffix):
                if self.search(source, 1):
                    return f"{name} is made by {generator} of {source}: that step of the project's build has to run first"
        return (
            f"no folder of the project holds {name}: give its folder by -I, "
            "or run the step of the project's build that makes it"
        )

    def search(self, name, depth):
        """The folders to search by which a name would be found, nearest first."""
        if self.files is None:
            self.files = {}
            top = nearest_root(pathlib.Path(self.project.folder))
            count = 0
            for folder, folders, names in os.walk(top):
                folders[:] = sorted(item for item in folders if not item.startswith("."))
                count += len(folders) + len(names)
                if count > ENTRIES_MAX:
                    break
                for item in names:
                    self.files.setdefault(item.lower(), []).append(os.path.join(folder, item))
        paths = [pathlib.Path(path).parents[depth - 1] for path in self.files.get(name, [])]
        return sorted((os.path.relpath(path) for path in paths), key=lambda path: (path.count(os.sep), path))


def nearest_root(folder):
    """The tree that a project is part of: the repository that holds it, or else its own folder."""
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder
