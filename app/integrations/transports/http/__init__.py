"""One HTTP conversation for every provider: `client` renders, judges and records; `wire` or `memory` carries the bytes."""
