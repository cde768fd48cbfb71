"""The map in a real browser with WebGL: it draws, alone, for everyone, and agrees with its table."""

from __future__ import annotations

import io

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.service.maps.conftest import DRAWN_MS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_map(page: Page, address: str, name: str = "evening") -> None:
    page.goto(f"{address}/test-maps/{name}")
    page.wait_for_selector(".milepost-map[data-drawn=yes]", timeout=DRAWN_MS)


def test_shot(page: Page, address: str):
    page.goto(f"{address}/test-maps/evening")
    try:
        page.wait_for_selector(".milepost-map[data-drawn=yes]", timeout=15000)
    except Exception as e:
        print(e)
    print(page.wrong)
    page.screenshot(path="/tmp/wtmap-work/evening.png", full_page=True)
