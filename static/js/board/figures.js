// What the board shows, computed from one message: no DOM here.

export const STATES = ["talking", "hold", "ringing", "wrap-up", "ready", "break", "offline"];
const BUSY = new Set(["talking", "hold", "ringing"]);

/** The part of a message that belongs to one skill group ('': everything). */
export function narrowed(live, group) {
  if (!group) return live;
  return {
    ...live,
    queues: live.queues.filter((queue) => queue.group === group),
    agents: live.agents.filter((agent) => agent.groups.includes(group)),
    calls: live.calls.filter((call) => call.skill_group === group),
  };
}

/** Sums over the queues shown; null where there is nothing to divide by. */
export function totals(live) {
  const sum = (pick) => live.queues.reduce((all, queue) => all + pick(queue), 0);
  const answered = sum((queue) => queue.today.answered);
  const abandoned = sum((queue) => queue.today.abandoned);
  const decided = answered + abandoned;
  const within = sum((queue) => (queue.today.service_level ?? 0) * (queue.today.answered + queue.today.abandoned));
  const waited = sum((queue) => (queue.today.average_wait_s ?? 0) * queue.today.answered);
  const since = live.queues.map((queue) => queue.longest_since).filter(Boolean);
  const levels = new Set(live.queues.map((queue) => queue.service_level_s));
  return {
    waiting: sum((queue) => queue.waiting),
    longest_since: since.length ? Math.min(...since) : null,
    ready: live.agents.filter((agent) => agent.state === "ready").length,
    busy: live.agents.filter((agent) => BUSY.has(agent.state)).length,
    working: live.agents.filter((agent) => agent.state !== "offline" && agent.state !== "break").length,
    calls: live.calls.length,
    answered,
    abandoned,
    abandoned_share: decided ? abandoned / decided : null,
    level: decided ? within / decided : null,
    level_s: levels.size === 1 ? [...levels][0] : null,
    average_wait_s: answered ? waited / answered : null,
  };
}

/** `[[state, how many]]` in the board's order. */
export function byState(agents) {
  return STATES.map((state) => [state, agents.filter((agent) => agent.state === state).length]);
}

/** Who needs to be seen first: busy agents, then ready, then the rest; the longest in a state first. */
export function inOrder(agents) {
  const rank = (agent) => STATES.indexOf(agent.state);
  return [...agents].sort((a, b) => rank(a) - rank(b) || a.since - b.since || a.user.localeCompare(b.user));
}

export function percent(share) {
  return share === null ? "–" : `${Math.round(share * 100)}%`;
}

/** How good a service level or how long a wait is: '' good, 'warn', 'bad'. */
export function levelTone(level) {
  if (level === null || level >= 0.8) return "";
  return level >= 0.6 ? "warn" : "bad";
}

export function waitTone(seconds, levelS) {
  if (!seconds || !levelS || seconds <= levelS) return "";
  return seconds <= 2 * levelS ? "warn" : "bad";
}
