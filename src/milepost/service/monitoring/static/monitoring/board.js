// The open board: what is already there changes in place, what is new waits behind a bar. Nothing jumps.

import { listen, setting } from "./keys.js";
import { BACKGROUND, follow } from "./stream.js";

const CLOCKS_MS = 30000; // clocks on the page count minutes
const board = document.getElementById("board");
const words = JSON.parse(board.dataset.words);
const said = document.getElementById("board-said");
const news = document.getElementById("board-news");
const newsText = document.getElementById("board-news-text");
const state = document.getElementById("board-state");
const known = new Set(ids(board)); // every alert that was ever shown or announced here
let waiting = null; // newer lists than those on the page
let etag = "";
let asking = false;
let askAgain = false;
let sign = "live"; // what the page says while it works: "live", or "every" without a place for a stream

function ids(root) {
  return [...root.querySelectorAll("tr[data-incident]")].map((row) => row.dataset.incident);
}

function count(n) {
  return n > words.new.length ? words.many : words.new[n - 1];
}

async function refresh() {
  if (asking) { askAgain = true; return; }
  asking = true;
  try {
    const headers = etag ? { ...BACKGROUND, "If-None-Match": etag } : BACKGROUND;
    const answer = await fetch(board.dataset.rows, { headers, cache: "no-store" });
    if (answer.status === 304) return up(true);
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    etag = answer.headers.get("ETag") || "";
    merge(new DOMParser().parseFromString(await answer.text(), "text/html").body);
    up(true);
  } catch {
    up(false);
  } finally {
    asking = false;
    if (askAgain) { askAgain = false; refresh(); }
  }
}

function up(works) {
  state.textContent = works ? words[sign] : words.lost;
  state.classList.toggle("board-lost", !works);
}

function merge(fresh) {
  const now = ids(board), then = ids(fresh);
  for (const figure of board.querySelectorAll("[data-count]")) {
    const newer = fresh.querySelector(`[data-count="${figure.dataset.count}"]`);
    figure.textContent = newer ? newer.textContent : "0";
  }
  for (const id of now) {
    const old = board.querySelector(`tr[data-incident="${id}"]`);
    const row = fresh.querySelector(`tr[data-incident="${id}"]`);
    if (row) inPlace(old, row);
    else gone(old);
  }
  const fresher = then.filter((id) => !known.has(id));
  const urgent = fresher.some((id) => fresh.querySelector(`tr[data-incident="${id}"]`).dataset.level === "urgent");
  fresher.forEach((id) => known.add(id));
  if (now.join() === then.join()) {
    waiting = null;
    news.hidden = true;
    return;
  }
  waiting = fresh;
  if (!now.length) return show(false); // nothing is being read: nothing can jump
  const added = then.filter((id) => !now.includes(id)).length;
  newsText.textContent = added ? count(added) : words.order;
  news.hidden = false;
  if (fresher.length) {
    said.textContent = count(fresher.length);
    if (urgent && setting("sound", false)) sound();
  }
}

// Text of a row that stays where it is. What has the keyboard's focus is left alone.
function inPlace(old, row) {
  old.classList.remove("board-gone");
  old.className = row.className;
  for (const cell of old.querySelectorAll("[data-cell]")) {
    const newer = row.querySelector(`[data-cell="${cell.dataset.cell}"]`);
    if (!newer || cell.contains(document.activeElement)) continue;
    if (cell.textContent !== newer.textContent || !cell.querySelector("form")) {
      if (cell.innerHTML !== newer.innerHTML) cell.replaceChildren(...newer.cloneNode(true).childNodes);
    }
  }
}

function gone(row) {
  if (row.classList.contains("board-gone")) return;
  row.classList.add("board-gone");
  const cell = row.querySelector("[data-cell='state']");
  if (!cell.contains(document.activeElement)) cell.textContent = words.gone;
}

function show(focus = true) {
  if (!waiting) return;
  const held = document.activeElement?.closest?.("tr[data-incident]")?.dataset.incident;
  board.replaceChildren(...waiting.childNodes);
  waiting = null;
  news.hidden = true;
  if (!focus) return;
  const row = held && board.querySelector(`tr[data-incident="${held}"]`);
  (row || board).querySelector(".board-open")?.focus();
}

function sound() {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.15, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.4);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.4);
  tone.onended = () => context.close();
}

function move(step) {
  const links = [...board.querySelectorAll(".board-open")];
  if (!links.length) return;
  const row = document.activeElement?.closest?.("tr[data-incident]");
  const at = row ? links.indexOf(row.querySelector(".board-open")) : step > 0 ? -1 : links.length;
  links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
}

listen({
  j: () => move(1),
  k: () => move(-1),
  c: () => document.activeElement?.closest?.("tr[data-incident]")?.querySelector(".board-claim button")?.click(),
  r: () => show(),
  "/": () => { document.getElementById("filters").open = true; document.getElementById("filter-text").focus(); },
});
document.getElementById("board-show").addEventListener("click", () => show());

// Back from a claim: the keyboard goes on where it was. After the load, since going to a fragment takes the focus away.
const claimed = /^#incident-\d+$/.test(location.hash) && document.querySelector(`${location.hash} .board-open`);
if (claimed) {
  if (document.readyState === "complete") claimed.focus();
  else addEventListener("load", () => setTimeout(() => claimed.focus()));
}
let pulse = Number(board.dataset.pulse);
follow(board.dataset.stream, (number) => {
  if (number !== null && number === pulse) return up(true);
  if (number !== null) pulse = number;
  refresh();
}, (line) => {
  if (line !== "lost") sign = line === "wait" ? "every" : "live";
  up(line !== "lost");
});
setInterval(refresh, CLOCKS_MS);
