// The switches beside the map: fit, accuracy, heat. They are in the page already, hidden until they work.

export function addControls(view) {
  const { root, map } = view;
  const control = (name) => root.querySelector(`[data-control="${name}"]`);
  control("fit")?.addEventListener("click", view.fit);

  const accuracy = control("accuracy");
  if (accuracy) {
    accuracy.checked = view.circles === "all";
    accuracy.addEventListener("change", () => {
      view.circles = accuracy.checked ? "all" : "evidence";
      view.refresh();
    });
  }
  const heat = control("heat");
  heat?.addEventListener("change", () => {
    map.setLayoutProperty("heat", "visibility", heat.checked ? "visible" : "none");
    const opacity = heat.checked ? 0.25 : 1; // the signs stay, quietly, so that heat is never read alone
    map.setPaintProperty("fixes", "icon-opacity", opacity);
    map.setPaintProperty("trail", "line-opacity", opacity);
  });
  // What lies beneath can be taken away, down to land and sea, where there is more than that.
  const beneath = map.getStyle().layers.filter((layer) => ["streets", "area"].includes(layer.source));
  const ground = control("ground");
  if (ground) {
    ground.closest("label").hidden = beneath.length === 0;
    ground.addEventListener("change", () => {
      beneath.forEach(({ id }) => map.setLayoutProperty(id, "visibility", ground.checked ? "visible" : "none"));
    });
  }
  const numbers = control("numbers");
  numbers?.addEventListener("change", () => map.setLayoutProperty("numbers", "visibility", numbers.checked ? "visible" : "none"));
  root.querySelectorAll("[data-needs-map]").forEach((part) => { part.hidden = false; });
}
