"""The programs that an MSBuild project would run before the compiler: named, as they are not run here."""
import project_xml
import windows_paths
from msbuild_text import split_list, unescape
from plan import BuildStep

# Items whose files are made into others by programs of the kit that are not here.
GENERATORS = {
    "midl": "midl",
    "mofcomp": "mofcomp",
    "wmimofck": "wmimofck",
    "generatebmf": "mofcomp",
    "ctrpp": "ctrpp",
}
HEADER_SETTINGS = ("HeaderOutputFile", "HeaderFileName", "HeaderFile", "InterfaceIdentifierFileName")
# Targets of MSBuild around which a project hooks in what must happen before the compiler.
EARLY_TARGETS = {
    "_prepareforbuild",
    "beforebuild",
    "beforeclcompile",
    "build",
    "buildgeneratesources",
    "clcompile",
    "custombuild",
    "initializebuildstatus",
    "makedirsforcl",
    "messagecompile",
    "midl",
    "prebuildevent",
    "prepareforbuild",
    "resolveassemblyreferences",
    "resolvereferences",
    "resourcecompile",
    "tracewpp",
}
CODE_SUFFIXES = {".c", ".cpp", ".cxx", ".cc", ".h", ".hpp", ".inl", ".inc", ".tmh"}


def build_steps_of(evaluation):
    """Those of custom builds, events, generators and targets, in this order."""
    steps = []
    for item in wanted(evaluation, "CustomBuild"):
        if item.get("Command"):
            steps.append(BuildStep(item.place(), item.name, bases(item.list("Outputs"))))
    if evaluation.items.definition("PreBuildEvent").get("Command"):
        steps.append(BuildStep(str(evaluation.path), "PreBuildEvent"))
    for type_name, program in GENERATORS.items():
        for item in wanted(evaluation, type_name):
            steps.append(BuildStep(item.place(), f"{program} {item.name}", headers_of(item)))
    targets = [target_step(evaluation, path, target) for path, target in evaluation.targets]
    return steps + [step for step in targets if step]


def names_of_interest(steps):
    """Names of the steps that make sources or headers, or nobody knows what."""
    return list(
        dict.fromkeys(step.name for step in steps if not step.outputs or any(map(makes_code, step.outputs)))
    )


def makes_code(name):
    return windows_paths.suffix(name) in CODE_SUFFIXES


def wanted(evaluation, type_name):
    return [item for item in evaluation.items.of(type_name) if not item.is_true("ExcludedFromBuild")]


def headers_of(item):
    named = [item.get(name) for name in HEADER_SETTINGS if item.get(name)]
    return bases(named or [windows_paths.stem(item.name) + ".h"])


def target_step(evaluation, path, target):
    """The step of a target that runs a program and is hooked in before the compiler; None for others."""
    runs = any(project_xml.name_of(child) == "Exec" for child in project_xml.elements(target))
    hooks = split_list(f"{target.get('BeforeTargets', '')};{target.get('AfterTargets', '')}".lower())
    evaluation.here = path
    if not runs or EARLY_TARGETS.isdisjoint(hooks) or not evaluation.is_true(target):
        return None
    outputs = split_list(unescape(evaluation.text(target, target.get("Outputs", ""))))
    return BuildStep(project_xml.place_of(path, target), f"target {target.get('Name', '')}", bases(outputs))


def bases(names):
    return [windows_paths.base_name(name) for name in names]
