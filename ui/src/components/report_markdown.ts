/**
 * The report's Markdown, read for showing: headings, one quote, lists of two levels, numbered steps and tables, with bold, code and
 * escapes. What it does not know stays text: nothing is dropped, nothing becomes HTML.
 */

/** A run of text. */
export type Piece = { kind: "text" | "strong" | "code"; text: string };
/** A part of the page. */
export type Block =
  | { kind: "heading"; level: number; pieces: Piece[] }
  | { kind: "quote"; pieces: Piece[] }
  | { kind: "text"; pieces: Piece[] }
  | { kind: "list"; ordered: boolean; items: { pieces: Piece[]; items: Piece[][] }[] }
  | { kind: "table"; head: Piece[][]; rows: Piece[][][] };

const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#58;": ":", "&#46;": "." };
/** An escape, an entity, code, the edge of bold, or one character. */
const TOKEN = /\\([^a-zA-Z0-9\s])|(&(?:amp|lt|gt|#58|#46);)|`([^`]+)`|(\*\*)|([\s\S])/gu;

/** Reads one line's marks. */
export function pieces(line: string): Piece[] {
  const all: Piece[] = [];
  let strong = false;
  const add = (kind: Piece["kind"], text: string): void => {
    const last = all.at(-1);
    if (last?.kind === kind && kind !== "code") last.text += text;
    else all.push({ kind, text });
  };
  for (const [, escaped, entity, code, edge, one] of line.matchAll(TOKEN)) {
    if (edge) strong = !strong;
    else if (code) add("code", code);
    else add(strong ? "strong" : "text", escaped ?? (entity ? ENTITIES[entity] : one) ?? "");
  }
  return all;
}

/** The cells of a table's line. A bar in a text is escaped, so that it never stands between two blanks. */
function cells(line: string): Piece[][] {
  return line.replace(/^\| | \|$/g, "").split(" | ").map(pieces);
}

/** Puts one line into the page; lists and tables go on from the block before. */
function put(page: Block[], line: string, joined: boolean): void {
  const last = joined ? page.at(-1) : undefined;
  const heading = /^(#{1,3}) (.*)$/.exec(line);
  const item = /^(?:- |(\d+)\. )(.*)$/.exec(line);
  const inner = /^ {2}- (.*)$/.exec(line);
  if (heading) page.push({ kind: "heading", level: heading[1]?.length ?? 1, pieces: pieces(heading[2] ?? "") });
  else if (line.startsWith("> ")) page.push({ kind: "quote", pieces: pieces(line.slice(2)) });
  else if (inner && last?.kind === "list") last.items.at(-1)?.items.push(pieces(inner[1] ?? ""));
  else if (item) {
    const [ordered, one] = [item[1] !== undefined, { pieces: pieces(item[2] ?? ""), items: [] }];
    if (last?.kind === "list" && last.ordered === ordered) last.items.push(one);
    else page.push({ kind: "list", ordered, items: [one] });
  } else if (line.startsWith("|") && last?.kind === "table") {
    if (!/^\|( --- \|)+$/.test(line)) last.rows.push(cells(line));
  } else if (line.startsWith("|")) page.push({ kind: "table", head: cells(line), rows: [] });
  else page.push({ kind: "text", pieces: pieces(line) });
}

/** Reads a report. */
export function read(markdown: string): Block[] {
  const page: Block[] = [];
  let before = "";
  for (const line of markdown.split("\n")) {
    if (line.trim() !== "") put(page, line, before !== "");
    before = line.trim();
  }
  return page;
}
