"""Where the builder has the blocks is kept beside the definition."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
