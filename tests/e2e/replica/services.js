// The services, by host. Each says how its page asks and what it makes of the answer, as public client code has it:
//   address      beginning of a conversation's own address
//   begin        makes a conversation with the vendor before the first turn
//   before       what goes out before each turn; its answer does not matter
//   ask          the request of a turn
//   type, frames how the answer is called, and cut into events
//   converse     in place of these, where a page talks over a WebSocket: asks, and yields the events of the answer
//   reader       makes, for one answer, what takes each event into the turn and the talk
//   history      loads the turns of a conversation
// A talk has its id, the id of its last message, and how many turns this page has seen.
import { chatglm, deepseek, doubao, kimi, qwen, yiyan, yuanbao } from "./east.js";
import { gemini } from "./google.js";
import { agents, huggingchat, notion, spark, you } from "./others.js";
import { character, copilot, m365, poe } from "./sockets.js";
import { chatgpt, claude, grok, perplexity } from "./west.js";

export const SERVICES = {
  "chatgpt.com": chatgpt,
  "claude.ai": claude,
  "chat.deepseek.com": deepseek,
  "kimi.com": kimi,
  "chat.qwen.ai": qwen,
  "chatglm.cn": chatglm,
  "doubao.com": doubao,
  "yuanbao.tencent.com": yuanbao,
  "yiyan.baidu.com": yiyan,
  "grok.com": grok,
  "perplexity.ai": perplexity,
  "gemini.google.com": gemini,
  "huggingface.co": huggingchat,
  "notion.so": notion,
  "app.notion.com": agents,
  "xinghuo.xfyun.cn": spark,
  "you.com": you,
  "copilot.microsoft.com": copilot,
  "m365.cloud.microsoft": m365,
  "character.ai": character,
  "poe.com": poe,
};
