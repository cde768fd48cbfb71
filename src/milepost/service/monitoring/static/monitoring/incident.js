// Keys of the incident page. Each goes where a link or a button goes.

import { listen } from "./keys.js";

function go(id, inner = "input:not([type=hidden]), select, textarea, a, summary") {
  const part = document.getElementById(id);
  if (!part) return;
  if (part.tagName === "DETAILS") part.open = true;
  part.scrollIntoView({ block: "start" });
  const near = part.tagName === "H2" ? part.parentElement : part;
  near.querySelector(inner)?.focus({ preventScroll: true });
}

listen({
  c: () => document.querySelector("form[action$='/claim'] button")?.click(),
  d: () => go("decide", "input:not([type=hidden])"),
  t: () => go("call"),
  n: () => go("note", "textarea"),
  h: () => { document.getElementById("history").scrollIntoView({ block: "start" }); },
  b: () => { document.querySelector(".govuk-back-link")?.click(); },
});
