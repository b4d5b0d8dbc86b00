"""The Markdown report: each target with what was measured, met or not, then every median."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.roster import BY_NAME, CONTESTANTS, ECHO_SIZE, Contestant, Measure
from benchmarks.targets import CONTEXT, TARGETS, Target

if TYPE_CHECKING:
    from benchmarks.results import Results, Spread


def markdown(results: Results) -> str:
    """The whole report."""
    sizes = sorted({each.size for each in results.samples})
    parts = [_introduction(results), _targets(results)]
    parts += [_rates(results, measure, size) for measure in _HEADS for size in sizes]
    parts += [_round_trips(results, awake=False), _round_trips(results, awake=True)]
    parts.append(_failures(results))
    return "\n\n".join(part for part in parts if part) + "\n"


def verdicts(results: Results) -> str:
    """The table of the targets alone."""
    return "\n".join(_target_rows(results, TARGETS))


def size_name(size: int) -> str:
    """``64 B``, ``1 KiB``, ``64 KiB``."""
    return f"{size} B" if size < 1024 else f"{size // 1024} KiB"


def rate_name(rate: float) -> str:
    """A rate with three digits, as people say it: ``8.19 M``, ``172 k``."""
    for unit, name in ((1e6, " M"), (1e3, " k")):
        if rate >= unit * 0.9995:  # what would be rounded up to the unit
            return f"{rate / unit:#.3g}".rstrip(".") + name
    return f"{rate:.0f}"


def _introduction(results: Results) -> str:
    place, settings = results.environment, results.settings
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    return (
        "# Speed\n\n"
        f"{results.date}: {results.rounds} interleaved rounds of {settings.seconds:g} s after "
        f"{settings.warmup:g} s of warm-up, {settings.kind} messages, not compressed unless it is "
        "said, loopback, "
        f"{place['implementation']} {place['python']}, {place['system']} {place['machine']}, "
        f"{place['cpu_count']} cores, shared by the receiver, its peer and the kernel.\n\n"
        f"Versions: {versions}.\n\n"
        "Each receiver and its peer are fresh processes for each measurement. The peer is a plain "
        "socket that sends numbered frames as fast as they are taken; every receiver's count was "
        "compared with the peer's. Ratios are ratios of medians; ranges are the lowest and the "
        "highest of the rounds. For round trips the peer has a core of its own; they are measured "
        "with cores that sleep while nothing is to be done, and with cores kept awake, where the "
        "clients' own share is larger. Absolute numbers say little about another machine."
        f"{_noise(results)}"
    )


def _noise(results: Results) -> str:
    waiting = results.waiting()
    if waiting is None:
        return ""
    return (
        f" While they were measured, receivers were ready to run but had no core for "
        f"{waiting.value:.1%} of the time in the median, {waiting.high:.0%} at worst."
    )


def _targets(results: Results) -> str:
    rows = _target_rows(results, TARGETS)
    text = "## Targets\n\n" + "\n".join(rows)
    if any(_measured(results, target) for target in CONTEXT):
        text += "\n\nNot promised, but good to know:\n\n"
        text += "\n".join(_target_rows(results, CONTEXT, judged=False))
    return text


def _measured(results: Results, target: Target) -> Spread | None:
    return results.ratio(target.contestant, target.baseline, target.size)


def _target_rows(
    results: Results, targets: tuple[Target, ...], *, judged: bool = True
) -> list[str]:
    verdict_head = (" asked |", "---:|", " met |", ":---|") if judged else ("", "", "", "")
    rows = [
        f"| ratio |{verdict_head[0]} measured | lowest to highest |{verdict_head[2]}",
        f"|:---|{verdict_head[1]}---:|---:|{verdict_head[3]}",
    ]
    for target in targets:
        ratio = _measured(results, target)
        measured = f"{ratio.value:.2f}" if ratio else "-"
        between = f"{ratio.low:.2f} to {ratio.high:.2f}" if ratio else "-"
        row = f"| {target.text} |"
        row += f" {target.asked} |" if judged else ""
        row += f" {measured} | {between} |"
        if judged:
            row += f" {_verdict(results, target, ratio)} |"
        rows.append(row)
    return rows


def _verdict(results: Results, target: Target, ratio: Spread | None) -> str:
    if ratio is None:
        return "not measured"
    verdict = "yes" if target.met(ratio.value) else "**no**"
    if target.contestant.startswith("echo"):
        return verdict
    if not results.peer_bound(target.contestant, target.size):
        return verdict
    ours = results.per_cpu_second(target.contestant, target.size)
    theirs = results.per_cpu_second(target.baseline, target.size)
    per_cpu = f"; per CPU second {ours / theirs:.2f}" if ours and theirs else ""
    return f"{verdict} (the peer was the limit{per_cpu})"


_HEADS: dict[Measure, tuple[str, str]] = {
    "rate": ("{}, messages a second", "picows"),
    "deflate": ("{} of JSON, compressed, messages a second", "picows.websockets-deflate"),
    "tls": ("{} over TLS, messages a second", "picows-tls"),
    "served": ("{} from a client, masked, at a server: messages a second", "picows-served"),
    "sent": ("{} sent, messages a second", "picows-sent"),
    "openings": (
        "Links opened and closed by a client, one after the other, a second",
        "picows-openings",
    ),
    "visits": (
        "Links that come and go at a server, one after the other, a second",
        "picows-visits",
    ),
}
"""What the table of each measure is called, and whom it compares with."""


def _rates(results: Results, measure: Measure, size: int) -> str:
    head, baseline = _HEADS[measure]
    heads = ["who", "median", "lowest to highest", f"ratio to {BY_NAME[baseline].label}"]
    heads += ["cores busy", "CPU seconds per million"]
    rows = [
        f"## {head.format(size_name(size))}",
        "",
        f"| {' | '.join(heads)} |",
        "|:---|---:|---:|---:|---:|---:|",
    ]
    chosen = [each for each in CONTESTANTS if each.measure == measure]
    found = [row for each in chosen if (row := _rate_row(results, each, size, baseline))]
    return "\n".join(rows + found) if found else ""


def _rate_row(results: Results, contestant: Contestant, size: int, baseline: str) -> str | None:
    rate = results.spread(contestant.name, size)
    per_cpu = results.per_cpu_second(contestant.name, size)
    share = results.cpu_share(contestant.name, size)
    if rate is None or per_cpu is None or share is None:
        return None
    ratio = results.ratio(contestant.name, baseline, size)
    return (
        f"| {contestant.label} (`{contestant.name}`) | {rate_name(rate.value)} "
        f"| {rate_name(rate.low)} to {rate_name(rate.high)} "
        f"| {f'{ratio.value:.2f}' if ratio else '-'} | {share:.2f} | {1e6 / per_cpu:#.3g} |"
    )


def _round_trips(results: Results, *, awake: bool) -> str:
    cores = "cores kept awake" if awake else "cores asleep in between"
    rows = [
        f"## Round trips of {ECHO_SIZE} B in microseconds, {cores}",
        "",
        "| client | median | lowest to highest | ratio to picows | 99th percentile |",
        "|:---|---:|---:|---:|---:|",
    ]
    echoes = [each for each in CONTESTANTS if each.measure == "echo" and each.awake == awake]
    found = [row for each in echoes if (row := _round_trip_row(results, each))]
    return "\n".join(rows + found) if found else ""


def _round_trip_row(results: Results, contestant: Contestant) -> str | None:
    middle = results.spread(contestant.name, ECHO_SIZE)
    tail = results.spread(contestant.name, ECHO_SIZE, "p99")
    if middle is None or tail is None:
        return None
    baseline = "echo-picows-awake" if contestant.awake else "echo-picows"
    ratio = results.ratio(contestant.name, baseline, ECHO_SIZE)
    return (
        f"| {contestant.label} (`{contestant.name}`) | {middle.value:.0f} "
        f"| {middle.low:.0f} to {middle.high:.0f} "
        f"| {f'{ratio.value:.2f}' if ratio else '-'} | {tail.value:.0f} |"
    )


def _failures(results: Results) -> str:
    if not results.failures:
        return ""
    rows = ["## Without a result", "", "| contestant | size | why |", "|:---|---:|:---|"]
    rows += [
        f"| `{each.contestant}` | {size_name(each.size)} | {each.reason} |"
        for each in results.failures
    ]
    return "\n".join(rows)
