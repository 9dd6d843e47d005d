"""Import libraries of an image: made for what its objects leave undefined, so that none has to be at hand.

Which image a routine is imported from is said in import-images.txt, in the words of Windows. storhost itself
looks a routine up by its name and does not mind.
"""
import fnmatch
import pathlib

from imports import data_imports
from process import run

IMAGES = pathlib.Path(__file__).resolve().parent / "import-images.txt"
KERNEL = "ntoskrnl.exe"
STORPORT, SCSIPORT = "storport.sys", "scsiport.sys"


def read_rules():
    """Returns [(image, pattern)] in the order of the file."""
    lines = (line.split("#")[0].split() for line in IMAGES.read_text().splitlines())
    return [tuple(words) for words in lines if words]


def image_of(name, rules):
    return next((image for image, pattern in rules if fnmatch.fnmatchcase(name, pattern)), KERNEL)


def by_image(names):
    """Returns {image: sorted names}. A driver of Storport has all of its port's routines from there: some
    are called ScsiPort..., and both ports export these."""
    rules = read_rules()
    images = {}
    for name in sorted(names):
        images.setdefault(image_of(name, rules), []).append(name)
    if STORPORT in images and SCSIPORT in images:
        images[STORPORT] = sorted(images[STORPORT] + images.pop(SCSIPORT))
    return images


def make(toolchain, options, imports, folder):
    """Makes a library for each image that something is imported from. Returns the files, in a fixed order."""
    variables = data_imports(options)
    libraries = []
    for image, names in sorted(by_image({name.removeprefix("__imp_") for name in imports}).items()):
        # CONSTANT: the name alone, too, means the slot, as sources without dllimport expect.
        lines = [f"    {name}{' CONSTANT' if name in variables else ''}" for name in names]
        definition, library = folder / f"{image}.def", folder / f"{image}.lib"
        definition.write_text("\n".join([f"LIBRARY {image}", "EXPORTS", *lines, ""]))
        run([toolchain.dlltool(), "-m", "i386:x86-64", "-D", image, "-d", str(definition), "-l", str(library)],
            "import libraries")  # fmt: skip
        libraries.append(library)
    return libraries
