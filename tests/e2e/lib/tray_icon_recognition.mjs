/** The tray's faces by their own pictures: which of `icons/tray/` an item shows, told by its pixels. */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

/** The names the pictures have; panels are dark on Linux. */
const FACES = ["ok", "working", "attention", "stopped"];
const DEPTH = 4;

/** The pixels of a picture as they are stored: RGBA, 8 bit, not interlaced (PNG, ISO 15948). */
function pixels(file) {
  const png = readFileSync(file);
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height, bits, colour] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (bits !== 8 || colour !== 6 || png[28] !== 0) throw new Error(`${file} is stored in a way that is not read here`);
  const lines = inflateSync(Buffer.concat(parts));
  const row = width * DEPTH;
  const out = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const left = x < DEPTH ? 0 : out[y * row + x - DEPTH];
      const up = y === 0 ? 0 : out[(y - 1) * row + x];
      const corner = y === 0 || x < DEPTH ? 0 : out[(y - 1) * row + x - DEPTH];
      const guess = [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter];
      out[y * row + x] = lines[y * (row + 1) + 1 + x] + guess;
    }
  }
  return { width, height, rgba: out };
}

/** Paeth's predictor. */
function nearest(left, up, corner) {
  const guess = left + up - corner;
  const far = [left, up, corner].map((one) => Math.abs(guess - one));
  return [left, up, corner][far.indexOf(Math.min(...far))];
}

/** The same as a panel is given them: ARGB (StatusNotifierItem, IconPixmap). */
function asGiven({ rgba }) {
  const argb = Buffer.alloc(rgba.length);
  for (let i = 0; i < rgba.length; i += DEPTH) argb.set([rgba[i + 3], rgba[i], rgba[i + 1], rgba[i + 2]], i);
  return argb;
}

const KNOWN = FACES.map((name) => [name, asGiven(pixels(new URL(`../../../icons/tray/${name}-dark@2x.png`, import.meta.url)))]);

/** The name of the face whose picture these bytes are, said by gdbus as `byte 0x00, 0x1f, ...`; "unknown" for any other picture. */
export function faceOf(said) {
  const given = Buffer.from([...said.matchAll(/0x([0-9a-f]{2})\b/g)].map((byte) => Number.parseInt(byte[1], 16)));
  return KNOWN.find(([, picture]) => picture.equals(given))?.[0] ?? "unknown";
}
