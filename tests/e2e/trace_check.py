#!/usr/bin/env python3
"""Reads a trace file and holds it to the Chrome trace format, as Perfetto reads it.

  trace_check.py FILE [--cut]     --cut: the writer was killed, the end may be missing

Prints facts about it as JSON. Exits with 1 and one line when the file is not what it should be.
"""
import collections
import json
import sys

MEMBERS = {
    "B": {"ph", "pid", "tid", "ts", "name"},
    "E": {"ph", "pid", "tid", "ts"},
    "i": {"ph", "ts", "name", "s"},
    "C": {"ph", "pid", "ts", "name", "args"},
    "M": {"ph", "pid", "name", "args"},
    "s": {"ph", "pid", "tid", "ts", "name", "cat", "id"},
    "t": {"ph", "pid", "tid", "ts", "name", "cat", "id", "bp"},
    "f": {"ph", "pid", "tid", "ts", "name", "cat", "id", "bp"},
}
METADATA = {"process_name", "process_sort_index", "thread_name", "thread_sort_index", "process_labels"}


class TraceError(Exception):
    """What is wrong with the file, in one line."""


def expect(truth, what, *about):
    if not truth:
        raise TraceError(f"{what}: {about}" if about else what)


def read(path, cut):
    text = open(path, "rb").read().decode("utf-8")  # strictly
    if cut and not text.endswith("]\n"):
        lines = text.split("\n")
        lines.pop()  # what was being written
        text = "\n".join(lines).rstrip().rstrip(",") + "\n]"
    return json.loads(text)


class Trace:
    """Slices, counters, arrows and names, once the events have been held to the format."""

    def __init__(self, events, cut):
        self.events, self.cut = events, cut
        self.names, self.slices, self.instants = {}, [], []
        self.counters = collections.defaultdict(list)
        self.open = collections.defaultdict(list)
        self.arrows = collections.defaultdict(list)
        for event in events:
            self.look(event)
        expect(cut or not any(self.open.values()), "slices are open at the end",
               [slices[-1]["name"] for slices in self.open.values() if slices][:3])  # fmt: skip
        for arrow, ends in self.arrows.items():
            expect(ends[0][0] == "s" and "s" not in [end[0] for end in ends[1:]],
                   "an arrow has one beginning, and it comes first", arrow, ends)  # fmt: skip

    def look(self, event):
        phase = event.get("ph")
        expect(phase in MEMBERS, "unknown kind of event", event)
        expect(MEMBERS[phase] <= event.keys(), "members are missing", event)
        expect(event.get("ts", 0) >= 0, "an event before the beginning", event)
        getattr(self, {"B": "begin", "E": "end", "i": "instant", "C": "counter", "M": "metadata",
                       "s": "arrow", "t": "arrow", "f": "arrow"}[phase])(event)  # fmt: skip

    def track(self, event):
        return event["pid"], event["tid"]

    def begin(self, event):
        track = self.track(event)
        expect(track in self.names, "a slice on a track without a name", event)
        stack = self.open[track]
        expect(not stack or event["ts"] >= stack[-1]["ts"], "time runs backwards on a track", event)
        stack.append(event)

    def end(self, event):
        stack = self.open[self.track(event)]
        expect(stack, "an end without a beginning", event)
        begun = stack.pop()
        expect(event["ts"] >= begun["ts"], "a slice that ends before it begins", begun, event)
        begun.update(end=event["ts"], track=self.names[self.track(event)], depth=len(stack),
                     group=self.names.get(event["pid"]),
                     parent=stack[-1] if stack else None, result=event.get("args", {}))  # fmt: skip
        self.slices.append(begun)

    def instant(self, event):
        expect(event["s"] in ("t", "g"), "an instant's scope", event)
        expect(event["s"] == "g" or self.track(event) in self.names, "an instant on no track", event)
        self.instants.append(event)

    def counter(self, event):
        for name, value in event["args"].items():
            expect(isinstance(value, int) and 0 <= value < 1 << 31, "a counter out of bounds", event)
            self.counters[event["pid"], event["name"], name].append((event["ts"], value))

    def metadata(self, event):
        expect(event["name"] in METADATA, "unknown metadata", event)
        if event["name"] == "thread_name":
            self.names[event["pid"], event["tid"]] = event["args"]["name"]
        elif event["name"] == "process_name":
            self.names[event["pid"]] = event["args"]["name"]

    def arrow(self, event):
        expect(self.open[self.track(event)], "an arrow from or to no slice", event)
        ends = self.arrows[event["id"]]
        # Viewers sort all events by time: one that comes before its arrow's beginning ends nowhere.
        expect(not ends or event["ts"] >= ends[-1][2], "an arrow that leads back in time", event)
        ends.append((event["ph"], self.open[self.track(event)][-1]["name"], event["ts"]))


def requests_of(trace):
    return [s for s in trace.slices if s.get("cat") == "request"]


def check_requests(trace):
    for request in requests_of(trace):
        expect(request["depth"] == 0 and request["track"].startswith("requests "),
               "a request inside something else", request)  # fmt: skip
        stages = [s for s in trace.slices if s["parent"] is request]
        expect(stages and stages[0]["ts"] == request["ts"] and stages[-1]["end"] == request["end"],
               "stages do not cover their request", request, stages)  # fmt: skip
        for before, after in zip(stages, stages[1:]):
            expect(0 <= after["ts"] - before["end"] < 0.0015, "a gap between stages", before, after)


def phases_of(trace):
    """What an object was, one after the other: {"group: track": [[name, why]]}."""
    phases = collections.defaultdict(list)
    for phase in sorted(trace.slices, key=lambda s: s["ts"]):
        if phase["track"] in ("Plug and Play", "power", "power: component"):
            phases[f"{phase['group']}: {phase['track']}"].append(
                [phase["name"], phase.get("args", {}).get("why")])  # fmt: skip
    return phases


def activities_of(requests):
    """By name; no two requests have the same."""
    activities = collections.defaultdict(list)
    for request in requests:
        activities[request["name"]].append(request["args"]["activity"])
    every = sum(activities.values(), [])
    expect(len(set(every)) == len(every), "two requests have one activity")
    return activities


def facts_of(trace):
    requests = requests_of(trace)
    stages = collections.Counter(s["name"] for s in trace.slices if s["parent"] and
                                 s["parent"].get("cat") == "request")  # fmt: skip
    return {
        "requests": len(requests),
        "names": collections.Counter(r["name"].split(" +")[0].rsplit(" ", 1)[0] if "+" in r["name"]
                                     else r["name"] for r in requests),
        "statuses": collections.Counter(r["result"].get("SRB status", "none") for r in requests),
        "retries": sum(r["result"].get("retries", 0) for r in requests),
        "ends": collections.Counter(r["result"]["end"] for r in requests if "end" in r["result"]),
        "stages": stages,
        "callbacks": collections.Counter(s["name"] for s in trace.slices
                                         if s["group"] in ("processors", "threads")),
        "resets": [(s["name"], s["result"].get("result")) for s in trace.slices
                   if s["track"] == "resets"],
        "gates": collections.Counter(s["name"] for s in trace.slices
                                     if s["track"].startswith("gate: ")),
        "phases": phases_of(trace),
        "instants": [i["name"] for i in trace.instants],
        "records": [[i["cat"], i["name"], i["args"]] for i in trace.instants if "event" in i.get("args", {})],
        "activities": activities_of(requests),
        "categories": collections.Counter(i.get("cat", "") for i in trace.instants),
        "arrows": sum(len(ends) > 1 for ends in trace.arrows.values()),
        "arrows to completions": collections.Counter(ends[-1][1] for ends in trace.arrows.values()
                                                     if ends[-1][0] == "f"),
        "counters left": {f"{trace.names.get(key[0])}: {key[2]}": values[-1][1]
                          for key, values in trace.counters.items() if values[-1][1]},
        "groups": sorted({name for key, name in trace.names.items() if isinstance(key, int)}),
        "tracks": sorted({name for key, name in trace.names.items() if isinstance(key, tuple)}),
    }  # fmt: skip


def main():
    path, cut = sys.argv[1], "--cut" in sys.argv[2:]
    try:
        trace = Trace(read(path, cut), cut)
        if not cut:
            check_requests(trace)
        print(json.dumps(facts_of(trace), indent=1))
    except (TraceError, ValueError) as error:
        sys.exit(f"{path}: {str(error)[:1000]}")


if __name__ == "__main__":
    main()
