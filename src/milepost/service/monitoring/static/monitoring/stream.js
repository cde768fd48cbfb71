// Follows the board's pulse. Calls `beat` at each new number and `state` with "live", "lost", or "wait" while there is
// no place for a stream: then `beat(null)` every few seconds, until there is one. A page asks for a place once as of
// right, and from then on patiently, so that pages of one user do not take places from each other for ever.
// A streaming fetch and not an EventSource: only a fetch can say that nobody is using the page (a header), so that
// an open board does not keep a session alive.

export const BACKGROUND = { "X-Milepost-Background": "board" };
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

export async function follow(address, beat, state) {
  let wait = FIRST_WAIT_MS;
  let first = true;
  for (;;) {
    let retry = 0;
    try {
      const answer = await fetch(first ? address : `${address}?patient`, { headers: BACKGROUND, cache: "no-store" });
      if (answer.redirected || answer.status === 403) return state("lost"); // signed out: nothing to follow
      if (!answer.ok) throw new Error(String(answer.status));
      first = false;
      wait = FIRST_WAIT_MS;
      retry = await read(answer.body, beat, state);
      if (retry) {
        state("wait");
        beat(null);
      }
    } catch {
      state("lost");
      retry = wait;
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
    if (retry) await pause(retry);
  }
}

// Reads to the end. Gives how long to wait before the next stream, in milliseconds.
async function read(body, beat, state) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  let wait = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return wait;
    held += value;
    const events = held.split("\n\n");
    held = events.pop();
    for (const event of events) {
      const data = /^data: (\d+)$/m.exec(event);
      if (!data) continue;
      if (event.startsWith("event: wait")) {
        wait = Number(data[1]) * 1000;
      } else {
        state("live");
        beat(Number(data[1]));
      }
    }
  }
}
