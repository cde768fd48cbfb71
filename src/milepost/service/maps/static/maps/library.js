// Loads the map library once, from this server alone. The addresses are found from this file's own, so that
// no page needs to know where static files live.

const vendor = new URL("../vendor/maps/", import.meta.url);
let loading = null;

// A promise of the MapLibre module. It rejects where the browser has no WebGL.
export function library() {
  loading ??= load();
  return loading;
}

async function load() {
  if (!hasWebGL()) throw new Error("no WebGL");
  const [maplibre] = await Promise.all([
    import(new URL("maplibre-gl/maplibre-gl.mjs", vendor).href),
    classic(new URL("pmtiles/pmtiles.js", vendor).href),
  ]);
  maplibre.setWorkerUrl(new URL("maplibre-gl/maplibre-gl-worker.mjs", vendor).href);
  const protocol = new window.pmtiles.Protocol({ metadata: true });
  maplibre.addProtocol("pmtiles", protocol.tile);
  return maplibre;
}

function hasWebGL() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2"));
}

// A script that is no module: it leaves its one name on the window.
function classic(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${address} did not load`)));
    document.head.append(script);
  });
}

// What an area's tile file says of itself: the names of its layers. Null where there is none.
export async function tileMetadata(address) {
  const archive = new window.pmtiles.PMTiles(address);
  const [header, metadata] = await Promise.all([archive.getHeader(), archive.getMetadata()]);
  const raster = header.tileType !== window.pmtiles.TileType.Mvt;
  return { raster, layers: (metadata.vector_layers ?? []).map((layer) => layer.id), attribution: metadata.attribution ?? "" };
}
