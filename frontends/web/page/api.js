// @ts-check
/** Asking the daemon: the calls of docs/spec/local_api.md, from the page. */

const KEY = "holdfast-key";

/** What went wrong, as the daemon says it. */
export class Failed extends Error {
  /** @param {{kind: string, message: string, hint: string}} error */
  constructor(error) {
    super(error.message);
    this.kind = error.kind;
    this.hint = error.hint;
  }
}

/**
 * Use the token of a link, if the address has one; it leaves the address at once.
 * @returns {Promise<boolean>} whether there was one
 */
export async function enter() {
  const found = /^#enter=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (!found) return false;
  history.replaceState(null, "", location.pathname);
  const done = await ask("POST", "web/enter", { token: found[1] });
  localStorage.setItem(KEY, String(done.key));
  return true;
}

/**
 * One call. Lines before the last go to `line`, as they come.
 * @param {"GET" | "POST"} method
 * @param {string} name
 * @param {object} [values]
 * @param {(kind: string, value: any) => void} [line]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} what the call says at its end
 */
export async function ask(method, name, values, line, signal) {
  const answer = await fetch(`/v1/${name}`, {
    method,
    headers: { "Holdfast-Key": localStorage.getItem(KEY) ?? "" },
    body: method === "POST" ? JSON.stringify(values ?? {}) : undefined,
    signal,
  });
  for await (const text of lines(answer)) {
    const [kind, value] = Object.entries(JSON.parse(text))[0];
    if (kind === "done") return value;
    if (kind === "error") throw new Failed(value);
    line?.(kind, value);
  }
  throw new Failed({ kind: "Unreachable", message: "the daemon stopped", hint: "start it again: holdfast up" });
}

/** @param {Response} answer */
async function* lines(answer) {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
