"""A tethered program ends with its parent, even when the parent is killed."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from app.tether import wait_for_port
from config.settings import ROOT
from kit.net import free_port

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "app.tether", "--parent", str(os.getpid()), "--", *sys.argv[1:]])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_tethered_program_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *SLEEPER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    assert psutil.wait_procs([child], timeout=20)[1] == []


def test_a_program_whose_parent_is_gone_already_does_not_start(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    gone = subprocess.Popen(["true"])
    gone.wait(10)
    tether = [sys.executable, "-m", "app.tether", "--parent", str(gone.pid), "--", "/usr/bin/touch", str(mark)]
    assert subprocess.run(tether, cwd=ROOT, timeout=20).returncode == -15
    assert not mark.exists()


def test_arguments_reach_the_program_unchanged() -> None:
    shown = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "--save", "", "a b", "--after"]
    tether = [sys.executable, "-m", "app.tether", "--parent", str(os.getpid()), "--", *shown]
    answer = subprocess.run(tether, cwd=ROOT, timeout=20, stdout=subprocess.PIPE, text=True)
    assert answer.stdout.strip() == "['--save', '', 'a b', '--after']"


def test_waiting_for_a_port_ends_when_somebody_listens() -> None:
    port = free_port()
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        threading.Timer(0.2, server.listen).start()
        assert wait_for_port(port, within_s=20)


def test_waiting_for_a_port_gives_up_in_the_end() -> None:
    assert not wait_for_port(free_port(), within_s=0.1)
