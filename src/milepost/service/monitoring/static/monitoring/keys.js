// Single keys of a page, and the small settings of this device. Nothing here is needed to use the page.

const PREFIX = "milepost.";

export function setting(name, byDefault) {
  try {
    const kept = localStorage.getItem(PREFIX + name);
    return kept === null ? byDefault : kept === "yes";
  } catch {
    return byDefault; // storage may be refused
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value ? "yes" : "no");
  } catch { /* the setting then lasts as long as the page */ }
}

function typing(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

// `keys`: {j: function, ...}. Never while somebody types, with a modifier, or in a dialog.
export function listen(keys) {
  const dialog = document.getElementById("keys-dialog");
  const show = () => { if (!dialog.open) dialog.showModal(); };
  document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-without-script]").forEach((part) => { part.hidden = true; });
  document.querySelectorAll("[data-open-keys]").forEach((button) => button.addEventListener("click", show));
  const keysWork = dialog.querySelector("[data-setting='keys']");
  keysWork.checked = setting("keys", true);
  const sound = dialog.querySelector("[data-setting='sound']");
  if (sound) sound.checked = setting("sound", false);
  dialog.addEventListener("change", (event) => {
    const name = event.target.dataset.setting;
    if (name) keep(name, event.target.checked);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    if (typing(event.target) || !keysWork.checked) return;
    const what = event.key === "?" ? show : keys[event.key];
    if (!what) return;
    event.preventDefault();
    what();
  });
}
