import { openPglite } from "../../src/connectors/postgres/pglite.ts";

// A process of its own: opens a directory, writes to it, says so, and keeps it until it is killed.
const { client } = await openPglite({ directory: process.argv[2]! });
await client.exec("CREATE TABLE kept AS SELECT 'kept' AS what");
process.send!("open");
process.on("message", () => {});
