// Requests to the designer's addresses. An answer that is not 2xx is a `Refusal` with the server's own words.

import { here, start } from "../common.js";

export class Refusal extends Error {
  constructor(status, body) {
    super(body.message || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.body = body;
  }
}

/** Post JSON, get JSON. Rejects with a Refusal, or TypeError when the server does not answer. */
export async function post(name, body = {}, options = {}) {
  return read(await fetch(start.urls[name], { method: "POST", headers: headers("application/json"), body: JSON.stringify(body), ...options }));
}

export async function get(name) {
  return read(await fetch(start.urls[name], { headers: { Accept: "application/json", ...here } }));
}

export async function postForm(name, data) {
  return read(await fetch(start.urls[name], { method: "POST", headers: headers(null), body: data }));
}

export function headers(type) {
  const found = { "X-CSRFToken": start.csrf, Accept: "application/json", ...here };
  if (type) found["Content-Type"] = type;
  return found;
}

async function read(response) {
  const json = (response.headers.get("Content-Type") || "").includes("json");
  const body = json ? await response.json() : {};
  if (!response.ok || !json) throw new Refusal(response.ok ? 401 : response.status, body); // HTML with 200: the sign-in page
  return body;
}
