// The one script of every page: wakes the components of both kits. Pages work without it.
import * as govuk from "../vendor/govuk-frontend/govuk-frontend.min.js";
import * as moj from "../vendor/moj-frontend/moj-frontend.min.js";

import "./lookup.js";

// The kit writes this note in English unless the caption already has one; ours is in the page's language.
for (const table of document.querySelectorAll("table[data-caption-note]")) {
  const note = document.createElement("span");
  note.className = "govuk-visually-hidden";
  note.textContent = ` ${table.dataset.captionNote}`;
  table.caption?.append(note);
}

// Each component is woken by itself, so one that cannot start never stops the others.
const onError = (error) => console.warn(error);
govuk.initAll({ onError });
moj.initAll({ onError });

// "Select all" is fixed in English inside the kit.
for (const table of document.querySelectorAll("[data-select-all-text]")) {
  const label = table.querySelector(".moj-multi-select__toggle-label .govuk-visually-hidden");
  if (label) label.textContent = table.dataset.selectAllText;
}
