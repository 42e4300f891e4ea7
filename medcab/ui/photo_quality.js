// A photograph in figures, before it is sent. The server computes the same (documents/intake/photo.py): change both.
// Bounds and sentences come from the server as `rules.checks`; none stands here.

const BAND = 256; // rows of the photograph looked at in one go, so that the page stays alive
const STROKE = 40;
const FRAME = 0.012;

/** For each of `to` cells, the half-open range of the `from` pixels whose centres lie in it (Pillow's box filter). */
const cells = (from, to) => {
  const scale = from / to;
  const support = Math.max(scale, 1) / 2;
  return Array.from({ length: to }, (_, cell) => {
    const centre = (cell + 0.5) * scale;
    const inside = (pixel) => {
      const at = (pixel + 0.5 - centre) / (2 * support);
      return at > -0.5 && at <= 0.5;
    };
    let start = Math.max(0, Math.trunc(centre - support + 0.5));
    let end = Math.min(from, Math.trunc(centre + support + 0.5));
    while (start < end && !inside(start)) start += 1;
    while (end > start + 1 && !inside(end - 1)) end -= 1;
    return [start, Math.max(end, start + 1)];
  });
};

/** Brightness (0–255) of each row's cells: one row of `columns.length` for each row of the band. */
const greyRows = (pixels, width, rows, columns) => {
  const grey = new Uint8Array(width);
  const lines = [];
  for (let row = 0; row < rows; row += 1) {
    for (let x = 0, i = row * width * 4; x < width; x += 1, i += 4) {
      grey[x] = (pixels[i] * 19595 + pixels[i + 1] * 38470 + pixels[i + 2] * 7471 + 0x8000) >> 16;
    }
    lines.push(
      Float64Array.from(columns, ([start, end]) => {
        let sum = 0;
        for (let x = start; x < end; x += 1) sum += grey[x];
        return Math.round(sum / (end - start));
      }),
    );
  }
  return lines;
};

/** The photograph as a grey thumbnail: {width, height, grey}. */
const shrink = async (bitmap, side) => {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(3, Math.round(bitmap.width * scale));
  const height = Math.max(3, Math.round(bitmap.height * scale));
  const columns = cells(bitmap.width, width);
  const rows = cells(bitmap.height, height);
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: BAND });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const sums = new Float64Array(width * height);
  let first = 0; // the first thumbnail row that the next line can belong to
  for (let top = 0; top < bitmap.height; top += BAND) {
    const tall = Math.min(BAND, bitmap.height - top);
    brush.fillStyle = "white";
    brush.fillRect(0, 0, bitmap.width, tall);
    brush.drawImage(bitmap, 0, top, bitmap.width, tall, 0, 0, bitmap.width, tall);
    const { data } = brush.getImageData(0, 0, bitmap.width, tall);
    greyRows(data, bitmap.width, tall, columns).forEach((line, offset) => {
      while (first < height && rows[first][1] <= top + offset) first += 1;
      for (let row = first; row < height && rows[row][0] <= top + offset; row += 1) {
        for (let x = 0; x < width; x += 1) sums[row * width + x] += line[x];
      }
    });
    await new Promise((resume) => setTimeout(resume));
  }
  const grey = sums.map((sum, at) => {
    const [start, end] = rows[Math.trunc(at / width)];
    return Math.round(sum / (end - start));
  });
  return { width, height, grey };
};

/** The value under which `share` of all values lie, between neighbours in proportion. */
const percentile = (sorted, share) => {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
};

const deviation = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

/** The Laplacian of the thumbnail, without its outermost pixels. */
const strokesOf = ({ width, height, grey }) => {
  const strokes = new Float64Array((width - 2) * (height - 2));
  for (let y = 1, at = 0; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1, at += 1) {
      const i = y * width + x;
      strokes[at] = grey[i - width] + grey[i + width] + grey[i - 1] + grey[i + 1] - 4 * grey[i];
    }
  }
  return strokes;
};

/** The share of strokes in the outermost frame. */
const borderOf = (strokes, { width, height }) => {
  const [wide, tall] = [width - 2, height - 2];
  const frame = Math.max(1, Math.round(Math.max(width, height) * FRAME));
  let [seen, strong] = [0, 0];
  for (let y = 0; y < tall; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      if (y >= frame && y < tall - frame && x >= frame && x < wide - frame) continue;
      seen += 1;
      if (Math.abs(strokes[y * wide + x]) > STROKE) strong += 1;
    }
  }
  return strong / seen;
};

/** The figures of a decoded photograph; the names are those of `rules.Measures`. */
export const measure = async (bitmap, side) => {
  const small = await shrink(bitmap, side);
  const sorted = Float64Array.from(small.grey).sort();
  const strokes = strokesOf(small);
  return {
    min_side: Math.min(bitmap.width, bitmap.height),
    light: percentile(sorted, 0.9),
    ink: percentile(sorted, 0.01),
    contrast: Math.sqrt(deviation(small.grey)),
    sharpness: deviation(strokes),
    border: borderOf(strokes, small),
  };
};

/** What is wrong with it, the most fundamental first: [{code, sentence, how, severity}]. */
export const verdict = (measures, checks) => {
  const hidden = new Set();
  const worse = (check, bound) =>
    bound !== null && (check.below ? measures[check.measure] < bound : measures[check.measure] > bound);
  return checks.flatMap((check) => {
    const refused = worse(check, check.refuse);
    if (hidden.has(check.code) || !(refused || worse(check, check.warn))) return [];
    if (refused) check.hides.forEach((code) => hidden.add(code));
    const { code, sentence, how } = check;
    return [{ code, sentence, how, severity: refused ? "refuse" : "warn" }];
  });
};

/** Judge a chosen file by `rules` (documents.rules.browser_rules): {reasons, bitmap}; bitmap only of a readable picture. */
export const judge = async (file, rules) => {
  const told = (code) => [{ code, ...rules.refusals[code], severity: "refuse" }];
  if (file.size === 0) return { reasons: told("file_empty") };
  if (file.size > rules.maxBytes) return { reasons: told("file_large") };
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { reasons: [] }; // a PDF, or a HEIC that this browser cannot open: the server looks at it
  }
  if (bitmap.width * bitmap.height > rules.maxPixels) {
    bitmap.close();
    return { reasons: told("photo_pixels") };
  }
  return { reasons: verdict(await measure(bitmap, rules.thumbnailSide), rules.checks), bitmap };
};
