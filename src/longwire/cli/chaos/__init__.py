"""``longwire chaos``: stands between a client and a server, and breaks what passes as told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from longwire.cli.certificate import add_certificate_arguments
from longwire.cli.connection import seconds
from longwire.cli.failures import WrongUsage

if TYPE_CHECKING:
    import argparse

NAME = "chaos"
HELP = "stand between a client and a server, and break what passes, as told"

EPILOG = (
    "A fault is written as NAME KEY=VALUE ..., such as \"reset after='100 messages'\". "
    "Ctrl-C is the ordinary end: the exit code is 0. Otherwise: 0 fine, 1 it cannot listen or "
    "write, 2 wrong usage."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.epilog = EPILOG
    _add_what_there_is(parser.add_argument_group("what there is"))
    _add_ends(parser.add_argument_group("both sides"))
    _add_faults(parser.add_argument_group("what goes wrong"))
    _add_running(parser.add_argument_group("while it runs"))


def _add_what_there_is(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--faults", action="store_true", help="list all faults")
    group.add_argument("--fault-help", metavar="NAME", help="print the manual of a fault")
    group.add_argument("--scenarios", action="store_true", help="list the scenarios")


def _add_ends(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--listen",
        default="127.0.0.1:0",
        metavar="HOST:PORT",
        help="where clients connect to (%(default)s; port 0: any free one)",
    )
    group.add_argument("--to", metavar="URL", help="the server: ws:// or wss://")
    add_certificate_arguments(group)
    trust = group.add_mutually_exclusive_group()
    trust.add_argument(
        "--to-ca", metavar="FILE", help="the only authorities to trust for the server (PEM)"
    )
    trust.add_argument(
        "--to-insecure", action="store_true", help="accept any certificate of the server"
    )
    group.add_argument(
        "--compression",
        choices=("independent", "as-is", "off"),
        default="independent",
        help="independent: each message by itself, so that the loss of one spoils no other; "
        "as-is: as both sides agree; off: none (%(default)s)",
    )


def _add_faults(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--fault", action="append", default=[], metavar="'NAME ...'", help="may be repeated"
    )
    group.add_argument(
        "--scenario", metavar="NAME|FILE", help="a timeline of faults; it begins at once"
    )
    group.add_argument(
        "--speed", type=seconds, metavar="X", help="let the scenario pass X times as fast"
    )
    group.add_argument(
        "--kernel",
        metavar="'KEY=VALUE ...'",
        help="listen in a network namespace of its own, behind packets that the kernel loses or "
        "delays: loss=5%% delay=50ms jitter= duplicate= corrupt= reorder= rate= (Linux, as root)",
    )
    group.add_argument(
        "--seed", type=int, metavar="N", help="what chance is drawn from, to repeat a run"
    )


def _add_running(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--control",
        metavar="PLACE",
        help="take orders by HTTP at unix:PATH or 127.0.0.1:PORT; the token is in "
        "LONGWIRE_CHAOS_TOKEN, or is drawn and printed on stderr",
    )
    group.add_argument("--log", type=Path, metavar="FILE", help="add the journal to this file")
    group.add_argument(
        "--for", type=seconds, dest="duration", metavar="SECONDS", help="end after so long"
    )
    group.add_argument("--json", action="store_true", help="print the journal as JSON lines")


def run(arguments: argparse.Namespace) -> int:
    """List what there is, or stand in between until the end. Returns the exit code."""
    # What breaks things is loaded by no other command, and not for --help.
    from longwire.cli.chaos import lists, running  # noqa: PLC0415

    if arguments.faults:
        return lists.print_faults(as_json=arguments.json)
    if arguments.fault_help is not None:
        return lists.print_manual(arguments.fault_help, as_json=arguments.json)
    if arguments.scenarios:
        return lists.print_scenarios(as_json=arguments.json)
    if arguments.to is None:
        raise WrongUsage("--to URL says which server to stand in front of")
    return running.play(arguments)
