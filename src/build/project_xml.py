"""Reads XML project files. They come from strangers: no entities, no network, bounded in size and depth."""
import pathlib

from lxml import etree

from process import BuildError

BYTES_MAX = 16 << 20
ELEMENTS_MAX = 200_000


def parse(path):
    """Returns the root element. What is refused names file and line."""
    try:
        if path.stat().st_size > BYTES_MAX:
            raise BuildError(f"{path}:1: larger than {BYTES_MAX >> 20} MiB: this is no project file")
        data = pathlib.Path(path).read_bytes()
    except OSError as error:
        raise BuildError(f"{path}: cannot be read: {error.strerror}") from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                             huge_tree=False, remove_comments=True, remove_pis=True)  # fmt: skip
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        text = str(getattr(error, "msg", None) or error).split(", line ")[0]
        raise BuildError(f"{path}:{line}: not well-formed XML: {text}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BuildError(f"{path}:1: has a document type: project files have none, remove it")
    if sum(1 for _ in root.iter()) > ELEMENTS_MAX:
        raise BuildError(f"{path}:1: more than {ELEMENTS_MAX} elements: this is no project file")
    return root


def name_of(element):
    """The element's name without its namespace."""
    return etree.QName(element).localname


def elements(element):
    return [child for child in element if isinstance(child.tag, str)]


def text_of(element):
    """The text of the element; one that holds XML instead has none that means anything here."""
    return element.text or ""


def place_of(path, element):
    return f"{path}:{element.sourceline or 1}"
