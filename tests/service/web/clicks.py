"""Clicks that a job costs: presses of links, buttons, boxes and options. Typing is none, nor is Tab from field to field."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


class Clicks:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.made: list[str] = []

    def on(self, target: Locator) -> None:
        self.made.append(" ".join((target.text_content() or target.get_attribute("id") or "").split())[:60])
        target.click()

    def link(self, name: str) -> None:
        self.on(self.page.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        self.on(self.page.get_by_role("button", name=name, exact=True).first)

    def radio(self, name: str) -> None:
        self.made.append(name)
        self.page.get_by_label(name).first.check()

    def option(self, label: str, typed: str, text: str) -> None:
        """Types into a box and picks from what it lists."""
        self.page.get_by_role("combobox", name=label).fill(typed)
        self.on(self.page.get_by_role("option").filter(has_text=text).first)

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)

    def date(self, legend: str, day: object) -> None:
        group = self.page.get_by_role("group", name=legend)
        for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):  # type: ignore[attr-defined]
            group.get_by_label(part).fill(str(value))

    def __len__(self) -> int:
        return len(self.made)

    def __str__(self) -> str:
        return "\n".join(f"{n}. {words}" for n, words in enumerate(self.made, 1))
