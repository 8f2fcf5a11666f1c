// How answers are cut into events: each generator takes the body's stream and yields { name, data }, data read as JSON.

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function* pieces(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

// Lines as the standard of server-sent events has them, each without its end.
async function* lines(stream) {
  let waiting = "";
  for await (const piece of pieces(stream.pipeThrough(new TextDecoderStream()))) {
    const complete = (waiting + piece).split(/\r\n|\n|\r(?!$)/);
    waiting = complete.pop();
    yield* complete;
  }
  if (waiting) yield waiting;
}

export async function* serverSentEvents(stream) {
  let name = "";
  let data = [];
  for await (const line of lines(stream)) {
    if (line === "") {
      if (data.length) yield { name, data: parsed(data.join("\n")) };
      name = "";
      data = [];
      continue;
    }
    const [, field, value] = line.match(/^([^:]*)(?::[ ]?(.*))?$/s);
    if (field === "event") name = value;
    if (field === "data") data.push(value ?? "");
  }
}

export async function* linesOfJson(stream) {
  for await (const line of lines(stream)) if (line) yield { name: "", data: JSON.parse(line) };
}

// Google's pages: a guard against scripts, then arrays, each behind its length in units of UTF-16, line ends included.
export async function* lengthsAndArrays(stream) {
  let waiting = "";
  let begun = false;
  for await (const piece of pieces(stream.pipeThrough(new TextDecoderStream()))) {
    waiting += piece;
    if (!begun) {
      if (waiting.length < 6) continue;
      if (!waiting.startsWith(")]}'\n\n")) throw new Error("no guard");
      waiting = waiting.slice(6);
      begun = true;
    }
    for (let head; (head = waiting.match(/^(\d+)\n/)); ) {
      const end = head[1].length + Number(head[1]);
      if (waiting.length < end) break;
      yield { name: "", data: JSON.parse(waiting.slice(head[1].length, end)) };
      waiting = waiting.slice(end);
    }
  }
  if (waiting.trim()) throw new Error("a frame whose length is wrong");
}

const LAST = 0x02;

// Connect: a byte of flags, four of length, a message.
export async function* envelopes(stream) {
  let waiting = new Uint8Array();
  for await (const piece of pieces(stream)) {
    waiting = joined(waiting, piece);
    while (waiting.length >= 5) {
      const end = 5 + new DataView(waiting.buffer).getUint32(1);
      if (waiting.length < end) break;
      const data = JSON.parse(new TextDecoder().decode(waiting.subarray(5, end)));
      yield { name: waiting[0] & LAST ? "end" : "", data };
      waiting = waiting.slice(end);
    }
  }
}

export function envelope(value) {
  const message = new TextEncoder().encode(JSON.stringify(value));
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(1, message.length);
  return joined(head, message);
}

function joined(first, second) {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

// Patches: changes what stands at `steps` below root.value; -1 is the last of a list.
export function change(root, steps, how) {
  let holder = root;
  let key = "value";
  for (const step of steps) {
    holder = holder[key];
    key = Array.isArray(holder) && step === "-1" ? holder.length - 1 : step;
  }
  if (how.removed) delete holder[key];
  else if (how.append === undefined) holder[key] = how.set;
  else if (Array.isArray(holder[key])) holder[key].push(...[how.append].flat());
  else holder[key] = (holder[key] ?? "") + how.append;
}
