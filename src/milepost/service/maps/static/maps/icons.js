// The signs on the map, drawn here: no picture file is fetched. Shape says the source, a cross says that a
// fix proves no place, a hollow sign with a question mark says that its accuracy is not known.

import { EVIDENCE, INK, PAPER, SOURCES, ZONES } from "./colours.js";

const RATIO = 2; // drawn at twice the size, so that it is sharp on a phone
const SIZE = 22;

const outlines = {
  gps: (pen, r) => pen.arc(0, 0, r, 0, 2 * Math.PI),
  wifi: (pen, r) => pen.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76),
  lbs: (pen, r) => { pen.moveTo(0, -r * 1.15); pen.lineTo(r * 1.1, r * 0.85); pen.lineTo(-r * 1.1, r * 0.85); pen.closePath(); },
  rf: (pen, r) => { pen.moveTo(0, -r * 1.2); pen.lineTo(r * 1.2, 0); pen.lineTo(0, r * 1.2); pen.lineTo(-r * 1.2, 0); pen.closePath(); },
  unknown: (pen, r) => { for (let i = 0; i < 6; i += 1) pen.lineTo(r * 1.1 * Math.cos((i * Math.PI) / 3), r * 1.1 * Math.sin((i * Math.PI) / 3)); pen.closePath(); },
};

function canvas(width, height, paint) {
  const sheet = document.createElement("canvas");
  sheet.width = width * RATIO;
  sheet.height = height * RATIO;
  const pen = sheet.getContext("2d", { willReadFrequently: true });
  pen.scale(RATIO, RATIO);
  paint(pen);
  return pen.getImageData(0, 0, sheet.width, sheet.height);
}

function sign(source, state) {
  return canvas(SIZE, SIZE, (pen) => {
    pen.translate(SIZE / 2, SIZE / 2);
    const hollow = state !== "sure";
    const radius = hollow ? 6.5 : 5;
    pen.beginPath();
    outlines[source](pen, radius);
    pen.lineWidth = hollow ? 5 : 4;
    pen.strokeStyle = PAPER;
    pen.stroke();
    pen.fillStyle = hollow ? PAPER : SOURCES[source];
    pen.fill();
    if (hollow) {
      pen.lineWidth = 2;
      pen.strokeStyle = SOURCES[source];
      pen.stroke();
    }
    if (state === "unknown") {
      pen.fillStyle = SOURCES[source];
      pen.font = "bold 10px Arial, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText("?", 0, source === "lbs" ? 1.5 : 0.5);
    }
    if (state === "doubt") {
      pen.beginPath();
      pen.moveTo(-3, -3); pen.lineTo(3, 3); pen.moveTo(3, -3); pen.lineTo(-3, 3);
      pen.stroke();
    }
  });
}

const arrow = () => canvas(14, 36, (pen) => {
  pen.translate(7, 8);
  pen.beginPath();
  pen.moveTo(0, -6); pen.lineTo(5, 5); pen.lineTo(0, 2); pen.lineTo(-5, 5); pen.closePath();
  pen.lineWidth = 2.5; pen.strokeStyle = PAPER; pen.stroke();
  pen.fillStyle = INK; pen.fill();
});

const ring = (colour) => canvas(34, 34, (pen) => {
  pen.translate(17, 17);
  pen.beginPath();
  pen.arc(0, 0, 12, 0, 2 * Math.PI);
  pen.lineWidth = 7; pen.strokeStyle = INK; pen.stroke();
  pen.lineWidth = 4; pen.strokeStyle = colour; pen.stroke();
});

// Each kind of zone has its own weave. A tile of 16 by 16 that repeats without a seam.
const weaves = {
  exclusion: (pen) => { for (const x of [-16, 0, 16]) { pen.moveTo(x, 16); pen.lineTo(x + 16, 0); } },
  inclusion: (pen) => { for (const x of [4, 12]) { pen.moveTo(x + 1.2, x); pen.arc(x, x, 1.2, 0, 2 * Math.PI); } },
  restriction: (pen) => { for (const y of [4, 12]) { pen.moveTo(0, y); pen.lineTo(16, y); } },
  attendance: (pen) => { pen.moveTo(8, 4); pen.lineTo(8, 12); pen.moveTo(4, 8); pen.lineTo(12, 8); },
  home: (pen) => { for (const x of [-16, 0, 16]) { pen.moveTo(x, 0); pen.lineTo(x + 16, 16); } },
};

const weave = (kind) => canvas(16, 16, (pen) => {
  pen.fillStyle = `${ZONES[kind]}1c`;
  pen.fillRect(0, 0, 16, 16);
  pen.beginPath();
  weaves[kind](pen);
  pen.lineWidth = 1.3;
  pen.strokeStyle = `${ZONES[kind]}66`;
  pen.stroke();
});

export function addIcons(map) {
  const add = (name, image) => map.addImage(name, image, { pixelRatio: RATIO });
  for (const source of Object.keys(outlines)) {
    for (const state of ["sure", "doubt", "unknown"]) add(`${source}-${state}`, sign(source, state));
  }
  for (const kind of Object.keys(weaves)) add(`weave-${kind}`, weave(kind));
  add("arrow", arrow());
  add("evidence", ring(EVIDENCE));
}
