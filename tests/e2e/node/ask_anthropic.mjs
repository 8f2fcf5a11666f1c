// An employee's program in JavaScript: the `@anthropic-ai/sdk` package, unmodified, which goes through the proxy it is
// told of.
//
// `node ask_anthropic.mjs <folder with node_modules> <proxy>`, each line of standard input a question as JSON:
// {"base": address, "body": {...}}. Each answer is a line of JSON: `text`, `inputs`, `done` and `pieces`, or `error`; and
// how often the service was asked.
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

const [, , folder, proxy] = process.argv;
const require = createRequire(`${folder}/`);
const { default: Anthropic } = require("@anthropic-ai/sdk");
const { ProxyAgent, fetch } = require("undici");

const dispatcher = new ProxyAgent(proxy);
let attempts;
let client;

function begin(baseURL) {
  attempts = 0;
  client = new Anthropic({
    apiKey: "sk-ant-standin-0000-no-real-key",
    baseURL,
    fetch: (url, init) => {
      attempts += 1;
      return fetch(url, init);
    },
    fetchOptions: { dispatcher },
  });
}

function said(message, pieces) {
  const blocks = message.content;
  const text = blocks.map((block) => block.text ?? "").join("");
  const inputs = blocks.filter((block) => block.type === "tool_use").map((block) => block.input);
  return { text, inputs, done: message.stop_reason, pieces };
}

async function ask(body) {
  if (!body.stream) return said(await client.messages.create(body), 0);
  let heard = "";
  let pieces = 0;
  const stream = client.messages.stream(body).on("text", (piece) => {
    heard += piece;
    pieces += 1;
  });
  const answer = said(await stream.finalMessage(), pieces);
  if (heard !== answer.text) throw new Error("the pieces are not the whole");
  return answer;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { base, body } = JSON.parse(line);
  begin(base);
  let result;
  try {
    result = await ask(body);
  } catch (error) {
    const { status = null, message } = error;
    result = { error: { class: error.constructor.name, status, message } };
  }
  process.stdout.write(`${JSON.stringify({ ...result, attempts })}\n`);
}
await dispatcher.destroy();
