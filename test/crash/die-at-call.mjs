// Preloaded into a process under test: it kills itself, as `kill -9` does, at the n-th change that it makes to
// the file system through fs.promises, just before or just after making it.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [at, moment] = (process.env.DIE_AT_CALL ?? "").split(" ");
let calls = 0;

for (const name of ["mkdir", "writeFile", "rename", "rm", "rmdir"]) {
  const original = fs.promises[name];
  fs.promises[name] = async (...args) => {
    const isLast = ++calls === Number(at);
    if (isLast && moment === "before") die();
    try {
      return await original(...args);
    } finally {
      if (isLast) die();
    }
  };
}
syncBuiltinESMExports();

function die() {
  process.kill(process.pid, "SIGKILL");
}
