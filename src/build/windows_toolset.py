"""What Visual Studio and the Windows Driver Kit set before, during and after a project that is read.

The kit is not here: its folders are names on a Windows machine, which no file is found under, and what
its headers offer is in wdk/. The values that projects look at in conditions are as in the kit.
"""
import pathlib

import solution
import windows_paths

VISUAL_STUDIO = "C:\\Program Files\\Microsoft Visual Studio\\2022"
KIT = "C:\\Program Files (x86)\\Windows Kits\\10"
# By the name that projects give in TargetVersion: what _WIN32_WINNT is.
TARGET_VERSIONS = {
    "windows10": 0x0A00,
    "windows11": 0x0A00,
    "windowsv6.3": 0x0603,
    "winv6.3": 0x0603,
    "windows8": 0x0602,
    "win8": 0x0602,
    "windows7": 0x0601,
    "win7": 0x0601,
    "vista": 0x0600,
    "windowsvista": 0x0600,
}
NEWEST = 0x0A00
TARGET_CONSTANTS = {
    "_NT_TARGET_VERSION_WINXP": "0x0501",
    "_NT_TARGET_VERSION_WS03": "0x0502",
    "_NT_TARGET_VERSION_VISTA": "0x0600",
    "_NT_TARGET_VERSION_LONGHORN": "0x0600",
    "_NT_TARGET_VERSION_WIN7": "0x0601",
    "_NT_TARGET_VERSION_WIN8": "0x0602",
    "_NT_TARGET_VERSION_WINBLUE": "0x0603",
    "_NT_TARGET_VERSION_WIN10": "0x0A00",
}
FOLDERS = {
    "DDK_INC_PATH": "Include\\km\\",
    "DDK_LIB_PATH": "Lib\\km\\x64\\",
    "SDK_INC_PATH": "Include\\um\\",
    "SDK_LIB_PATH": "Lib\\um\\x64\\",
    "KIT_SHARED_INC_PATH": "Include\\shared\\",
    "KM_IncludePath": "Include\\km\\",
    "KIT_SHARED_INC_PATH_WDK": "Include\\shared\\",
    "KIT_SHARED_IncludePath": "Include\\shared\\",
    "CRT_INC_PATH": "Include\\km\\crt\\",
    "CRT_IncludePath": "Include\\km\\crt\\",
    "KMDF_INC_PATH": "Include\\wdf\\kmdf\\",
    "UM_IncludePath": "Include\\um\\",
    "UCRT_IncludePath": "Include\\ucrt\\",
    "PUBLIC_ROOT": "",
    "WDKContentRoot": "",
    "WindowsSdkDir": "",
    "WDK_INC_PATH": "Include\\km\\",
    "IFSKIT_INC_PATH": "Include\\km\\",
}
# What the kit's conversion calls the files of a SOURCES line.
CONVERTED_TYPES = {
    ".c": "ClSourceFiles",
    ".cpp": "ClSourceFiles",
    ".cxx": "ClSourceFiles",
    ".rc": "RcSourceFiles",
    ".mc": "McSourceFiles",
    ".asm": "AsmSourceFiles",
    ".idl": "IdlSourceFiles",
    ".mof": "MofSourceFiles",
}


def properties(path):
    """Those that are set before the project's first line. `path` is absolute."""
    folder = path.parent
    return {
        "MSBuildProjectDirectory": str(folder),
        "MSBuildProjectDirectoryNoRoot": str(folder).lstrip("/"),
        "MSBuildProjectFile": path.name,
        "MSBuildProjectFullPath": str(path),
        "MSBuildProjectName": path.stem,
        "MSBuildProjectExtension": path.suffix,
        "MSBuildStartupDirectory": str(pathlib.Path.cwd()),
        "MSBuildToolsVersion": "Current",
        "MSBuildVersion": "17.0.0",
        "MSBuildRuntimeType": "Full",
        "MSBuildBinPath": f"{VISUAL_STUDIO}\\MSBuild\\Current\\Bin",
        "MSBuildToolsPath": f"{VISUAL_STUDIO}\\MSBuild\\Current\\Bin",
        "MSBuildExtensionsPath": f"{VISUAL_STUDIO}\\MSBuild",
        "MSBuildExtensionsPath32": f"{VISUAL_STUDIO}\\MSBuild",
        "MSBuildExtensionsPath64": f"{VISUAL_STUDIO}\\MSBuild",
        "VisualStudioVersion": "17.0",
        "OS": "Windows_NT",
        "VCTargetsPath": f"{VISUAL_STUDIO}\\MSBuild\\Microsoft\\VC\\v170",
        "VSInstallDir": f"{VISUAL_STUDIO}\\",
        "VCInstallDir": f"{VISUAL_STUDIO}\\VC\\",
        "UserRootDir": f"{VISUAL_STUDIO}\\User",
        "SystemRoot": "C:\\Windows",
        "ProjectDir": f"{folder}/",
        "ProjectPath": str(path),
        "ProjectFileName": path.name,
        "ProjectExt": path.suffix,
        "LatestTargetPlatformVersion": "10.0.22621.0",
        "PROCESSOR_ARCHITECTURE": "AMD64",
        **solution.properties(path),
        **TARGET_CONSTANTS,
        **{name: f"{KIT}\\{end}" for name, end in FOLDERS.items()},
    }


def is_part(name):
    """Whether an import is Microsoft's own: of Visual Studio, the kit or a NuGet package."""
    lowered = windows_paths.clean(name).replace("/", "\\").lower()
    base = windows_paths.base_name(lowered)
    return (
        windows_paths.is_foreign(lowered)
        or base.startswith("microsoft.")
        or "packages\\microsoft." in lowered
    )


def enter(evaluation, name, read_nearest):
    """An import of Visual Studio's files: sets what they set at that point."""
    base = windows_paths.base_name(name).lower()
    if not windows_paths.is_foreign(windows_paths.clean(name)):
        return
    if base == "microsoft.cpp.default.props":
        evaluation.set_default("ProjectName", evaluation.property("MSBuildProjectName"))
        read_nearest("Directory.Build.props")
    elif base == "preconfiguration.props":
        read_converted(evaluation)
    elif base == "microsoft.cpp.props":
        set_defaults(evaluation)
    elif base == "microsoft.cpp.targets":
        finish(evaluation)
        read_nearest("Directory.Build.targets")


def read_converted(evaluation):
    """A project that the kit has converted from a `sources` file has its settings in sources.props."""
    path = windows_paths.find(evaluation.folder, "sources.props")
    if path is not None and path.is_file():
        evaluation.read_file(path)


def converted_items(evaluation):
    """Types of items and names: the SOURCES of a converted project, by what they are."""
    names = {type_name: [] for type_name in CONVERTED_TYPES.values()}
    for name in evaluation.value("SOURCES").replace(";", " ").split():
        type_name = CONVERTED_TYPES.get(windows_paths.suffix(name))
        if type_name:
            names[type_name].append(name)
    return names


def set_defaults(evaluation):
    """What the kit's property sheets set: the project may change it afterwards."""
    default = evaluation.set_default
    default("ProjectName", evaluation.property("MSBuildProjectName"))
    default("ConfigurationName", evaluation.property("Configuration"))
    default("PlatformName", evaluation.property("Platform"))
    default("PlatformShortName", "x64")
    default("PlatformTarget", "x64")
    default("PlatformArchitecture", "64")
    default("PlatformToolsetVersion", "143")
    default("SafePlatformName", evaluation.property("Platform"))
    default("DDKPlatform", "x64")
    default("ConfigurationType", "Application")
    toolset = evaluation.property("PlatformToolset").lower()
    default("IsKernelModeToolset", "true" if toolset.startswith("windowskernelmode") else "false")
    default("IsUserModeToolset", "true" if toolset.startswith("windowsusermode") else "false")
    output = f"x64\\{evaluation.property('Configuration')}\\"
    default("OutDir", evaluation.property("SolutionDir") + output)
    default("IntDir", output)
    default("TargetName", evaluation.property("ProjectName"))
    default("TargetExt", extension_of(evaluation))
    version, _ = target_version(evaluation)
    default("_NT_TARGET_VERSION", f"0x{version:X}")
    default("WIN32_WINNT_VERSION", f"0x{version:04X}")
    default("WINVER_VERSION", f"0x{version:04X}")
    default("KernelBufferOverflowLib", "BufferOverflowFastFailK.lib")
    default("DDK_TARGET_OS", "Win7" if version == 0x0601 else "Win10")


def extension_of(evaluation):
    kind = evaluation.property("ConfigurationType").lower()
    return {"driver": ".sys", "staticlibrary": ".lib", "dynamiclibrary": ".dll"}.get(kind, ".exe")


def finish(evaluation):
    """After the project's own properties: names that are made of them."""
    set_defaults(evaluation)
    name = evaluation.property("TargetName") + evaluation.property("TargetExt")
    evaluation.set_default("TargetFileName", name)
    evaluation.set_default("TargetDir", evaluation.property("OutDir"))
    evaluation.set_default("TargetPath", evaluation.property("OutDir") + name)


def target_version(evaluation):
    """Returns _WIN32_WINNT and NTDDI_VERSION; the second is None where the newest is meant."""
    value = number_of(evaluation.property("_NT_TARGET_VERSION"))
    if value > 0xFFFF:
        return value >> 16, value
    version = value or TARGET_VERSIONS.get(evaluation.property("TargetVersion").strip().lower(), NEWEST)
    return version, (version << 16 if version < NEWEST else None)


def number_of(text):
    """A version as the kit writes it: hexadecimal. 0 where there is none."""
    try:
        return int(text.strip(), 16) if len(text) < 12 else 0
    except ValueError:
        return 0


def compiler_defines(version, ntddi_version, debug):
    """What the kit's compiler command says of every source of a driver."""
    defines = [
        "_WIN64",
        "_AMD64_",
        "AMD64",
        f"_WIN32_WINNT=0x{version:04X}",
        f"WINVER=0x{version:04X}",
        "WINNT=1",
        "_KERNEL_MODE=1",
    ]
    if ntddi_version:
        defines.append(f"NTDDI_VERSION=0x{ntddi_version:08X}")
    return defines + (["DBG=1", "DEPRECATE_DDK_FUNCTIONS=1", "MSC_NOOPT"] if debug else [])
