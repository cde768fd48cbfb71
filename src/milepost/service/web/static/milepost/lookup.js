// Boxes that find as one types: the combobox of the ARIA Authoring Practices, over the list that the server answers.
// Without this script the form itself asks which one is meant.

const WAIT_MS = 250; // after the last letter: the server is asked once a word, not once a letter

document.querySelectorAll("[data-lookup]").forEach(start);

function start(root) {
  const input = root.querySelector("input:not([type=hidden])");
  const name = root.dataset.lookupName;
  const asked = root.querySelector(`[name="${name}-asked"]`);
  const list = document.createElement("ul");
  const said = document.createElement("div");
  let options = [];
  let at = -1;
  let timer = 0;
  let request = null;

  list.id = `${input.id}-list`;
  list.className = "milepost-lookup__list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", root.querySelector("label").textContent.trim());
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";
  root.append(list, said);

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    at = next;
    list.querySelectorAll("[role=option]").forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at < 0) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  // What was found is said aloud; that nothing was, and what to do instead, is shown too.
  const say = (text, shown = false) => {
    said.className = shown ? "govuk-hint milepost-lookup__none" : "govuk-visually-hidden";
    said.textContent = text;
  };
  const forget = () => {
    asked.value = "";
    root.querySelectorAll(`[type=hidden][name="${name}-chosen"]`).forEach((old) => old.remove());
    root.querySelector(".milepost-lookup__which")?.remove();
  };
  const choose = (option) => {
    forget();
    input.value = option.text;
    asked.value = option.text;
    const chosen = document.createElement("input");
    chosen.type = "hidden";
    chosen.name = `${name}-chosen`;
    chosen.value = option.key;
    root.append(chosen);
    close();
    say(option.text);
    root.dispatchEvent(new CustomEvent("lookup:chosen", { bubbles: true, detail: option }));
  };
  const show = (answer) => {
    options = answer.options;
    list.replaceChildren(...options.map((option, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.className = "milepost-lookup__option";
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = option.text;
      if (option.hint) {
        const hint = document.createElement("span");
        hint.className = "milepost-lookup__hint";
        hint.textContent = option.hint;
        item.append(" ", hint);
      }
      item.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
      item.addEventListener("click", () => choose(option));
      return item;
    }));
    say(answer.said, options.length === 0);
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(options.length > 0));
    mark(-1);
  };
  const ask = async () => {
    request?.abort();
    request = new AbortController();
    const text = input.value.trim();
    if (text.length < Number(root.dataset.atLeast)) { close(); return; }
    try {
      const answer = await fetch(`${root.dataset.lookup}?${new URLSearchParams({ q: text })}`, {
        signal: request.signal, headers: { Accept: "application/json" }, credentials: "same-origin",
      });
      if (answer.ok && input.value.trim() === text) show(await answer.json());
    } catch { /* typed on, or no answer: the form asks when it is sent */ }
  };

  input.addEventListener("input", () => {
    forget();
    say("");
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { ask(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      choose(options[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => close());
}
