"use strict";
// Adds what needs a script: filter and sort the work list, zoom the maps, open everything in print.
// The page says all it has to say without it.
(function () {
  function make(tag, text, more) {
    const node = Object.assign(document.createElement(tag), more || {});
    if (text) node.textContent = text;
    return node;
  }

  function addFilter(table) {
    const rows = Array.from(table.tBodies[0].rows);
    const box = make("div", "", { className: "controls" });
    const level = make("select", "", { id: table.id + "-level" });
    const levels = Array.from(new Set(rows.map((row) => row.dataset.level)));
    level.append(make("option", "all levels", { value: "" }));
    levels.forEach((name) => level.append(make("option", name, { value: name })));
    const words = make("input", "", { id: table.id + "-words", type: "search", autocomplete: "off" });
    const said = make("p", "", { className: "quiet" });
    said.setAttribute("role", "status");
    [[level, "Level"], [words, "Name, number or word"]].forEach(([field, label]) => {
      const group = make("div");
      group.append(make("label", label, { htmlFor: field.id }), field);
      box.append(group);
    });
    box.append(said);
    table.before(box);
    function show() {
      const wanted = words.value.trim().toLowerCase();
      let left = 0;
      rows.forEach((row) => {
        const fits = (!level.value || row.dataset.level === level.value) &&
          row.textContent.toLowerCase().includes(wanted);
        row.hidden = !fits;
        left += fits ? 1 : 0;
      });
      said.textContent = left === rows.length ? "" : left + " of " + rows.length + " shown";
    }
    level.addEventListener("change", show);
    words.addEventListener("input", show);
  }

  function addSort(table) {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, column) => {
      const button = make("button", head.textContent, { type: "button" });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = (row) => row.cells[column].dataset.sort || row.cells[column].textContent.trim();
        const rows = Array.from(table.tBodies[0].rows);
        rows.sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }) * (up ? 1 : -1));
        table.tBodies[0].append(...rows);
      });
    });
  }

  function addZoom(svg) {
    const whole = svg.viewBox.baseVal;
    const full = [whole.x, whole.y, whole.width, whole.height];
    const inner = svg.querySelector(".inner");
    let scale = 1, x = full[2] / 2, y = full[3] / 2;
    function show() {
      const [, , w, h] = full;
      x = Math.min(w - w / scale / 2, Math.max(w / scale / 2, x));
      y = Math.min(h - h / scale / 2, Math.max(h / scale / 2, y));
      inner.setAttribute("transform",
        "translate(" + (w / 2 - x * scale) + " " + (h / 2 - y * scale) + ") scale(" + scale + ")");
      svg.querySelector(".furniture").setAttribute("visibility", scale === 1 ? "visible" : "hidden");
    }
    const box = make("div", "", { className: "controls" });
    const add = (text, act) => {
      const button = make("button", text, { type: "button" });
      button.addEventListener("click", () => { act(); show(); });
      box.append(button);
    };
    add("Zoom in", () => { scale = Math.min(32, scale * 2); });
    add("Zoom out", () => { scale = Math.max(1, scale / 2); });
    add("Left", () => { x -= full[2] / scale / 4; });
    add("Right", () => { x += full[2] / scale / 4; });
    add("Up", () => { y -= full[3] / scale / 4; });
    add("Down", () => { y += full[3] / scale / 4; });
    add("Whole map", () => { scale = 1; });
    svg.after(box);
  }

  document.querySelectorAll("table.work").forEach((table) => {
    if (table.tBodies[0].rows.length > 3) addFilter(table);
    addSort(table);
  });
  document.querySelectorAll("svg.map").forEach(addZoom);
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((part) => { part.open = true; });
  });
})();
