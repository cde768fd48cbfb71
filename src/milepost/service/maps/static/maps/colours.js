// One place for every colour. Each meaning also has a shape, a pattern or a word: never colour alone.

export const SEA = "#dde7ed";
export const LAND = "#f1eee6";
export const WATER = "#bfd6e3";
export const STREET = "#ffffff";
export const STREET_EDGE = "#c8c1b2";
export const MAIN = "#fbeecb";
export const MAIN_EDGE = "#c9ae6a";
export const GREEN = "#dfe9d6";
export const BUILDING = "#e6e1d8";
export const INK = "#0b0c0c";
export const QUIET = "#5b6166";
export const PAPER = "#ffffff";
export const EVIDENCE = "#ffdd00";
export const CHOSEN = "#d4007a";

export const SOURCES = {
  gps: "#1d4f91",
  rf: "#00613a",
  lbs: "#a03d00",
  wifi: "#5b2d90",
  unknown: "#4a5156",
};
export const ZONES = {
  exclusion: "#b00034",
  inclusion: "#00613a",
  restriction: "#7d4a00",
  attendance: "#5b2d90",
  home: "#1d4f91",
};
export const TRAIL_OLD = "#a9c4e4";
export const TRAIL_NEW = "#123a6b";
