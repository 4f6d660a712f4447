"""Pure audio: G.711 and generated sounds. No sockets, no files, no other package of ours; anyone may import it."""
