"""`storhost build --plan`: what would be built, as text or JSON."""
import json


def common(lists):
    """What all of the lists hold, in the order of the first."""
    return [value for value in lists[0] if all(value in other for other in lists[1:])] if lists else []


def source_lines(source, shared_defines, shared_folders):
    parts = ["C++" if source.is_cxx else "C"]
    parts += [f"-D{define}" for define in source.defines if define not in shared_defines]
    parts += [f"-U{name}" for name in source.undefines]
    parts += [f"-I{folder}" for folder in source.include_folders if folder not in shared_folders]
    parts += [f"-include {name}" for name in source.forced_includes] + source.flags
    return f"  {source.path}: {' '.join(parts)}"


def trace_lines(run):
    names = ", ".join(str(source.path) for source in run.sources)
    words = (
        [f"-scan:{name}" for name in run.scanned_headers]
        + [f"-func:{text}" for text in run.functions]
        + run.options
    )
    return [f"  {names}: {' '.join(words)}"]


def listing(title, values):
    return [f"{title}: {', '.join(str(value) for value in values)}"] if values else []


def lines_of(project):
    title = f"{project.kind} {project.name}" + (
        f" ({project.configuration})" if project.configuration else ""
    )
    lines = [title]
    defines = common([source.defines for source in project.sources])
    folders = common([source.include_folders for source in project.sources])
    lines += listing("defines", defines) + listing("include folders", folders)
    lines += ["sources:"] + [source_lines(source, defines, folders) for source in project.sources]
    if project.trace_files:
        lines += ["traces:"] + [line for run in project.trace_files for line in trace_lines(run)]
    lines += listing("messages", project.message_files) + listing("event manifests", project.event_manifests)
    lines += listing("resources", project.resource_files) + listing("INF files", project.inf_files)
    lines += listing("linked with", project.library_names) + listing(
        "folders that do not exist", project.absent_folders
    )
    for step in project.build_steps:
        lines.append(
            f"not run: {step.place}: {step.name}"
            + (f" (makes {', '.join(step.outputs)})" if step.outputs else "")
        )
    lines += [f"note: {note}" for note in project.notes]
    return lines


def text_of(project):
    return "\n\n".join("\n".join(lines_of(one)) for one in project.with_libraries())


def summary(project, target):
    """The last line of a build: what there is now, and what to do with it."""
    count = sum(len(one.sources) for one in project.with_libraries())
    text = f"{target}: {target.stat().st_size // 1024} KiB of {count} source{'s' if count != 1 else ''}"
    text += f", {project.configuration}" if project.configuration else ""
    name = str(target) if len(target.parts) > 1 else f"./{target}"
    lines = [f"{text}; run it with: storhost serve {name} --device SPEC"]
    return lines + [f"its INF file is {path}" for path in project.inf_files]


def as_json(project):
    """The project; those that it links follow it in a list, so that each is there once."""
    first, *linked = [fields_of(one) for one in project.with_libraries()]
    return json.dumps({**first, "linked_projects": linked}, default=str, indent=2)


def fields_of(project):
    runs = [{**vars(run), "sources": [source.path for source in run.sources]} for run in project.trace_files]
    return {
        **vars(project),
        "sources": [vars(source) for source in project.sources],
        "libraries": [library.name for library in project.libraries],
        "build_steps": [vars(step) for step in project.build_steps],
        "trace_files": runs,
    }
