"""What goes wrong between a client and a server, made on purpose, with one command or in a test.

`Proxy` stands between both and breaks what passes, as it is told; `FAULTS` are the ways in which it
can. `Recorder` keeps what passes, and `Replay` serves it again.
"""

from longwire.chaos.catalogue import FAULTS
from longwire.chaos.fault import Fault, Parcel
from longwire.chaos.frames import Frame
from longwire.chaos.journal import Journal
from longwire.chaos.proxy import Proxy
from longwire.chaos.recorder import Recorder
from longwire.chaos.recording import Recording, read_recording
from longwire.chaos.replay import Replay
from longwire.chaos.scenario import Scenario, load_scenario, scenario_names
from longwire.chaos.strike import Strike, parse_strike
from longwire.chaos.tap import Tap

__all__ = [
    "FAULTS",
    "Fault",
    "Frame",
    "Journal",
    "Parcel",
    "Proxy",
    "Recorder",
    "Recording",
    "Replay",
    "Scenario",
    "Strike",
    "Tap",
    "load_scenario",
    "parse_strike",
    "read_recording",
    "scenario_names",
]
