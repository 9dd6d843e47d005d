"""Headers that Windows' own tools make of a project's files before its sources are compiled."""
from event_manifests import make_event_headers
from message_compiler import make_message_headers
from trace_headers import make_trace_headers


def generate_headers(project, folder):
    """Writes them below `folder`, one folder a project, which its sources then search first."""
    place = folder / project.name
    place.mkdir(parents=True, exist_ok=True)
    make_message_headers(project, place)
    make_event_headers(project, place)
    make_trace_headers(project, place)
    if any(place.iterdir()):
        for source in project.sources:
            source.include_folders.insert(0, place)
    for number, library in enumerate(project.libraries):
        generate_headers(library, folder / f"library-{number}")
