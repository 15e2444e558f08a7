/**
 * Parses the Markdown of the set-up report: headings, one quote, lists of two levels, numbered steps and tables, with bold, code
 * and escapes. Anything else stays text: nothing is dropped, nothing becomes HTML.
 */

/** A piece of text in one style. */
export type Piece = { kind: "text" | "strong" | "code"; text: string };
/** A block of the document. */
export type Block =
  | { kind: "heading"; level: number; pieces: Piece[] }
  | { kind: "quote"; pieces: Piece[] }
  | { kind: "text"; pieces: Piece[] }
  | { kind: "list"; ordered: boolean; items: { pieces: Piece[]; items: Piece[][] }[] }
  | { kind: "table"; head: Piece[][]; rows: Piece[][][] };

const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#58;": ":", "&#46;": "." };
/** An escape, an entity, code, the edge of bold, or one character. */
const TOKEN = /\\([^a-zA-Z0-9\s])|(&(?:amp|lt|gt|#58|#46);)|`([^`]+)`|(\*\*)|([\s\S])/gu;

/** Parses the styles within a line. */
export function parsePieces(line: string): Piece[] {
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

/** Parses the cells of a table row. A bar within a text is escaped, so it never appears between two blanks. */
function parseCells(line: string): Piece[][] {
  return line.replace(/^\| | \|$/g, "").split(" | ").map(parsePieces);
}

/** Adds one line to the document; lists and tables continue the block before. */
function addLine(page: Block[], line: string, joined: boolean): void {
  const last = joined ? page.at(-1) : undefined;
  const heading = /^(#{1,3}) (.*)$/.exec(line);
  const item = /^(?:- |(\d+)\. )(.*)$/.exec(line);
  const inner = /^ {2}- (.*)$/.exec(line);
  if (heading) page.push({ kind: "heading", level: heading[1]?.length ?? 1, pieces: parsePieces(heading[2] ?? "") });
  else if (line.startsWith("> ")) page.push({ kind: "quote", pieces: parsePieces(line.slice(2)) });
  else if (inner && last?.kind === "list") last.items.at(-1)?.items.push(parsePieces(inner[1] ?? ""));
  else if (item) {
    const [ordered, one] = [item[1] !== undefined, { pieces: parsePieces(item[2] ?? ""), items: [] }];
    if (last?.kind === "list" && last.ordered === ordered) last.items.push(one);
    else page.push({ kind: "list", ordered, items: [one] });
  } else if (line.startsWith("|") && last?.kind === "table") {
    if (!/^\|( --- \|)+$/.test(line)) last.rows.push(parseCells(line));
  } else if (line.startsWith("|")) page.push({ kind: "table", head: parseCells(line), rows: [] });
  else page.push({ kind: "text", pieces: parsePieces(line) });
}

/** Parses a report. */
export function parseMarkdown(markdown: string): Block[] {
  const page: Block[] = [];
  let before = "";
  for (const line of markdown.split("\n")) {
    if (line.trim() !== "") addLine(page, line, before !== "");
    before = line.trim();
  }
  return page;
}
