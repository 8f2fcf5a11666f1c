// Services of Google; services.js says what each part is.
import { fresh } from "./calls.js";
import { lengthsAndArrays } from "./frames.js";

const STREAM = "/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate";

export const gemini = {
  address: "/app/",
  type: "application/json",
  frames: lengthsAndArrays,
  ask(text, talk) {
    const inner = [[text, 0, null, null, null, null, 0], ["zh-CN"], talk.last ?? ["", "", "", null, null, null, null, null, null, ""]];
    const question = JSON.stringify([null, JSON.stringify(inner)]);
    const query = new URLSearchParams({ bl: "boq_1", "f.sid": "-123456789", hl: "zh-CN", _reqid: "100001", rt: "c" });
    return {
      path: `${STREAM}?${query}`,
      body: new URLSearchParams({ "f.req": question, at: `${fresh().replaceAll("-", "")}:1764216000000` }),
      headers: { "x-same-domain": "1" },
    };
  },
  reader(talk) {
    return (_, entries, turn) => {
      for (const [kind, , packed] of entries) {
        if (kind === "e") turn.done = turn.finished;
        if (kind !== "wrb.fr" || !packed) continue;
        const [, ids, , , candidates] = JSON.parse(packed);
        if (ids?.[0]) talk.id = ids[0].replace(/^c_/, "");
        const [candidate] = candidates ?? [];
        if (!candidate?.[1]) continue;
        talk.last = ids[0] ? [ids[0], ids[1], candidate[0]] : talk.last;
        turn.text = candidate[1][0];
        turn.finished = candidate[8]?.[0] === 2;
      }
    };
  },
  // One of the calls that pages of Google's send in batches; newest turn first.
  async history(talk) {
    const call = JSON.stringify([[["hNvQHb", JSON.stringify([`c_${talk.id}`, 10, null, 1]), null, "generic"]]]);
    const answer = await fetch("/_/BardChatUi/data/batchexecute?rpcids=hNvQHb&rt=c", {
      method: "POST",
      body: new URLSearchParams({ "f.req": call, at: `${fresh().replaceAll("-", "")}:1764216000000` }),
    });
    const turns = [];
    for await (const { data } of lengthsAndArrays(answer.body)) {
      for (const [kind, , packed] of data) {
        if (kind !== "wrb.fr") continue;
        for (const [ids, , [[asked]], [[[candidate, [said]]]]] of JSON.parse(packed)[0].reverse()) {
          talk.last = [...ids, candidate];
          turns.push({ author: "user", text: asked }, { author: "assistant", text: said });
        }
      }
    }
    return turns;
  },
};
