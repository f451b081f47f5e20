import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CliProject, type Finished, openCliProject } from "./cli-project.ts";

const first = "correct-horse-battery";
const second = "another-staple-entirely";
const inCode = "written-into-the-code";

/** A target, a source and a function that each need a secret, and say of it in the end what they must not. */
const vault = `import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectionNamed, defineFunction, defineTarget, isNamedConnection, secret } from "sluice";
import { z } from "zod";

export const sign = defineFunction({
  name: "sign",
  version: 1,
  cache: true,
  spec: z.object({ apiKey: secret() }),
  input: { text: z.string() },
  output: z.string(),
  prepare: ({ apiKey }) => apiKey.reveal().length,
  run: ({ text }, { prepared }) => \`\${text} signed by \${prepared}\`,
});

/** A file a row, in a directory that is only opened with the password of an account. */
export const vault = defineTarget({
  kind: "vault",
  spec: z.object({ directory: z.string(), account: z.custom(isNamedConnection), password: secret() }),
  key: z.object({ filename: z.string() }),
  value: z.object({ text: z.string() }),
  // More than identifies it: what is given of a secret must not be its text.
  getPersistentKey: ({ directory, account, password }) => ({ directory, account, password }),
  describe: (key) => \`vault \${JSON.stringify(key)}\`,
  applySetupChange({ key, current }, { appDirectory }) {
    const { directory, account } = key;
    if (connectionNamed(account.connection).user !== "ann") throw new Error("who is that?");
    if (current === null) rmSync(join(appDirectory, directory), { recursive: true, force: true });
    else mkdirSync(join(appDirectory, directory), { recursive: true });
  },
  prepare(spec, { appDirectory }) {
    if (spec.password.reveal() === "wrong") throw new Error(\`refused: \${JSON.stringify(spec)} \${spec.password}\`);
    return join(appDirectory, spec.directory);
  },
  mutate(batches) {
    for (const { target, mutations } of batches)
      for (const { key, value } of mutations)
        value === null ? rmSync(join(target, key.filename)) : writeFileSync(join(target, key.filename), value.text);
  },
});
`;

const flows = `import { defineConnection, defineFlow, env } from "sluice";
import { textFiles } from "./connectors.ts";
import { sign, vault } from "./vault.ts";

const account = defineConnection("account", { user: "ann", password: "${inCode}" });

export const guarded = defineFlow("Guarded", (flow) => {
  const pages = flow.addCollector<{ filename: string; text: string }>();
  flow.addSource("documents", textFiles({ path: "data" })).forEachRow((doc) => {
    pages.collect({ filename: doc.filename, text: doc.content.transform(sign({ apiKey: "${inCode}" })) });
  });
  pages.export("Pages", vault({ directory: "out", account, password: env("VAULT_PASSWORD") }), {
    primaryKeyFields: ["filename"],
  });
});
`;

function openVault(): { project: CliProject; run: (args: string, password?: string) => Promise<Finished> } {
  const project = openCliProject({
    "data/a.md": "A",
    "data/b.md": "B",
    "vault.ts": vault,
    "guarded.ts": flows,
  });
  const run = (args: string, password?: string) =>
    project.run(args.split(" "), { env: password === undefined ? {} : { VAULT_PASSWORD: password } });
  return { project, run };
}

/** Every byte that the project keeps outside of its own sources. */
function keptBytes(project: CliProject): Buffer {
  const entries = readdirSync(project.at(".sluice"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
}

test("a secret is neither stored nor shown, in any form, and a new one is no change", async () => {
  const { project, run } = openVault();
  const said = [
    await run("setup guarded.ts --dry-run", first),
    await run("setup guarded.ts --dry-run --json", first),
    await run("setup guarded.ts --force", first),
    await run("update guarded.ts", first),
    await run("show guarded.ts", first),
    await run("show guarded.ts --json", first),
    await run("ls guarded.ts --json", first),
    await run("explain guarded.ts a.md", first),
    await run("explain guarded.ts a.md --json", first),
    await run("failures guarded.ts --json", first),
    await run("verify guarded.ts --verbose", first),
  ];
  expect(said.slice(0, 10).map(({ code, stderr }) => [code, code === 0 ? "" : stderr])).toEqual(
    Array.from({ length: 10 }, () => [0, ""]),
  );
  expect(project.read("out/a.md")).toBe(`A signed by ${inCode.length}`);

  // The password is changed, in the environment and in the code: nothing is written or computed again.
  project.write("guarded.ts", flows.replaceAll(inCode, `${inCode}-2`));
  const rotated = await run("update guarded.ts", second);
  expect(rotated.stdout).toContain("Guarded: nothing changed: 0 read, 0 computed, 0 written");
  project.write("guarded.ts", flows);

  // A target that says all that it knows of its spec in an error, with everything of it shown.
  project.write("data/a.md", "A2");
  const refused = await run("update guarded.ts --verbose", "wrong");
  expect(refused.stderr).toContain('refused: {"directory":"out"');
  expect(refused.stderr).toContain('Secret({"env":"VAULT_PASSWORD"})');
  const kept = await run("failures guarded.ts --json", first);
  expect(kept.stdout).toContain("refused: ");

  const everything = [...said, rotated, refused, kept]
    .map(({ stdout, stderr }) => stdout + stderr)
    .join("\n");
  const stored = keptBytes(project);
  expect(everything).toContain('"env": "VAULT_PASSWORD"');
  expect(stored.includes("VAULT_PASSWORD")).toBe(true);
  for (const text of [first, second, inCode]) {
    expect(everything).not.toContain(text);
    for (const encoding of ["utf8", "utf16le", "base64", "hex"] as const) {
      const form =
        encoding === "utf16le" ? Buffer.from(text, "utf16le") : Buffer.from(text).toString(encoding);
      expect(stored.includes(form)).toBe(false);
    }
  }
}, 120_000);

test("a variable that is not set ends the update, which says which one, and the next one goes on", async () => {
  const { project, run } = openVault();
  await run("setup guarded.ts --force", first);
  const missing = await run("update guarded.ts");
  expect(missing.stderr).toContain("error: the environment variable VAULT_PASSWORD is not set\n");
  expect(missing.stderr).toContain("hint: Set VAULT_PASSWORD, for instance in the .env file");
  expect(missing.code).toBe(2);
  project.write(".env", `VAULT_PASSWORD=${first}\n`);
  const found = await run("update guarded.ts");
  expect(found.stderr).toBe("");
  expect(found.code).toBe(0);
  expect(project.list("out")).toEqual(["a.md", "b.md"]);
}, 60_000);

test("a backend whose connection is not defined any more is not dropped, and is once it is", async () => {
  const { project, run } = openVault();
  await run("update guarded.ts --setup", first);
  // The export left the flow, and its connection the file; the module of the target is still there.
  const without = flows
    .replace(/const account = .*\n/, "")
    .replace(/ {2}pages\.export\([^;]*;\n/, "")
    .replace('"./vault.ts";', '"./vault.ts";\nvoid vault;')
    .replace(", env }", " }")
    .replace("defineConnection, ", "");
  project.write("guarded.ts", without);
  const refused = await run("setup guarded.ts --force");
  expect(refused.stderr).toContain("no connection is named account");
  expect(refused.stderr).toContain('defineConnection("account", …)');
  expect(refused.code).toBe(3);
  expect(project.list("out")).toEqual(["a.md", "b.md"]);

  project.write(
    "guarded.ts",
    `${without.replace("import { ", "import { defineConnection, ")}\ndefineConnection("account", { user: "ann" });\n`,
  );
  const dropped = await run("setup guarded.ts --force");
  expect(dropped.stderr).not.toContain("error");
  expect(dropped.code).toBe(0);
  expect(project.list(".")).not.toContain("out");
}, 60_000);
