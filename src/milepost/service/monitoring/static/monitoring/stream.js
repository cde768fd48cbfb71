// Follows the board's pulse. Calls `beat` at each new number and `state(true|false)` when the line is up or lost.
// A streaming fetch and not an EventSource: only a fetch can say that nobody is using the page (a header), so that
// an open board does not keep a session alive.

export const BACKGROUND = { "X-Milepost-Background": "board" };
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

export async function follow(address, beat, state) {
  let wait = FIRST_WAIT_MS;
  for (;;) {
    let retry = 0;
    try {
      const answer = await fetch(address, { headers: BACKGROUND, cache: "no-store" });
      if (answer.redirected || answer.status === 403) return state(false); // signed out: nothing to follow
      if (answer.status === 503) {
        retry = Number(answer.headers.get("Retry-After") || 5) * 1000; // no room: look at the rows instead
        beat(null);
      } else if (!answer.ok) {
        throw new Error(String(answer.status));
      } else {
        state(true);
        wait = FIRST_WAIT_MS;
        await read(answer.body, beat);
      }
    } catch {
      state(false);
      retry = wait;
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
    if (retry) await pause(retry);
  }
}

async function read(body, beat) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const events = held.split("\n\n");
    held = events.pop();
    for (const event of events) {
      const data = /^data: (\d+)$/m.exec(event);
      if (data) beat(Number(data[1]));
    }
  }
}
