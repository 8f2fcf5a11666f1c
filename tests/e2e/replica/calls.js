// What pages send, and how they ask beside their turns.

export const fresh = () => crypto.randomUUID();

export function json(path, value, headers = {}) {
  return { path, body: JSON.stringify(value), headers: { "content-type": "application/json", ...headers } };
}

export async function call({ path, body, headers }) {
  return (await fetch(path, { method: "POST", body, headers })).json();
}

export async function loaded(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`history ${answer.status}`);
  return answer.json();
}
