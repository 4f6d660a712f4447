// Which node types a word means, the best first: its name, the beginning of its name, a part of it, its description.

/** The types that fit, in order; all when nothing was typed. */
export function matching(types, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return types;
  const ranked = types.map((type) => [rank(type, wanted), type]).filter(([place]) => place < 4);
  return ranked.sort(([one], [other]) => one - other).map(([, type]) => type);
}

function rank(type, wanted) {
  const names = type.names.map((name) => name.toLowerCase());
  if (names.includes(wanted)) return 0;
  if (names.some((name) => name.startsWith(wanted))) return 1;
  if (names.some((name) => name.includes(wanted))) return 2;
  return type.help.toLowerCase().includes(wanted) ? 3 : 4;
}
