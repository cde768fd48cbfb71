// Plays the trail back, fix by fix. Between two fixes nothing moves: nobody knows the way that was gone.

const TICK_MS = 200;
const LONGEST_WAIT_MS = 1500; // a long silence is passed over after this, and said

export function addPlayback(view) {
  const bar = view.root.querySelector(".milepost-map__playback");
  if (!bar) return;
  const part = (name) => bar.querySelector(`[data-playback="${name}"]`);
  const [play, back, on, slider, speed, clock, all] = ["play", "back", "on", "slider", "speed", "clock", "all"].map(part);
  let fixes = [];
  let timer = null;
  let at = -1; // which fix; -1 is "all of them"
  let time = 0;
  let waited = 0;

  const show = (n) => {
    at = n;
    const fix = fixes[n];
    view.now = fix ? fix.properties : null;
    view.refresh();
    slider.value = String(fix ? n : fixes.length - 1);
    const words = fix ? `${fix.properties.title}, ${view.words.accuracy} ${view.facts(fix.properties)[0][1]}` : view.words.whole;
    slider.setAttribute("aria-valuetext", words);
    clock.textContent = words;
    if (fix) {
      time = fix.properties.t;
      view.choose(fix, "playback");
      if (!view.map.getBounds().contains(fix.geometry.coordinates)) {
        view.map.easeTo({ center: fix.geometry.coordinates, animate: !view.still });
      }
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = view.words.play;
    play.setAttribute("aria-pressed", "false");
  };
  const step = (by) => show(Math.min(Math.max((at < 0 ? (by > 0 ? -1 : fixes.length) : at) + by, 0), fixes.length - 1));
  const tick = () => {
    if (at >= fixes.length - 1) return stop();
    time += (Number(speed.value) * TICK_MS) / 1000;
    waited += TICK_MS;
    let next = at;
    while (next + 1 < fixes.length && fixes[next + 1].properties.t <= time) next += 1;
    // Reduced motion: one calm step a second, whatever the speed.
    if (view.still) next = waited >= 1000 ? at + 1 : at;
    else if (next === at && waited >= LONGEST_WAIT_MS) next = at + 1;
    if (next === at) return undefined;
    waited = 0;
    return show(next);
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (at < 0 || at >= fixes.length - 1) show(0);
    play.textContent = view.words.pause;
    play.setAttribute("aria-pressed", "true");
    timer = setInterval(tick, TICK_MS);
    return undefined;
  });
  back.addEventListener("click", () => { stop(); step(-1); });
  on.addEventListener("click", () => { stop(); step(1); });
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  all.addEventListener("click", () => { stop(); view.choose(null); show(-1); });

  view.onData(() => {
    fixes = view.fixes();
    slider.max = String(Math.max(fixes.length - 1, 0));
    bar.hidden = fixes.length < 2;
    if (at < 0) slider.value = slider.max;
    if (at >= fixes.length) show(-1);
    else if (at < 0) { slider.setAttribute("aria-valuetext", view.words.whole); clock.textContent = view.words.whole; }
  });
}
