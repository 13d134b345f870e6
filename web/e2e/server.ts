import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bin/erp", import.meta.url));
const startTimeoutMs = 60_000;

/** A server on a database of its own, as `erp serve` makes it where nothing is set. */
export class Server {
  private process: ChildProcess | null = null;
  private said = "";

  private constructor(
    private readonly dir: string,
    readonly url: string,
    private readonly settings: Record<string, string>,
  ) {}

  /** Starts one on an empty database; the settings are those of docs/settings.md. */
  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const dir = mkdtempSync(join(tmpdir(), "erp-e2e-"));
    chmodSync(dir, 0o755); // PostgreSQL runs as another user where we are root
    const server = new Server(dir, `http://127.0.0.1:${await freePort()}`, settings);
    await server.run();
    return server;
  }

  /** The password that the first start shows once. */
  get firstPassword(): string {
    const password = /with the password (\S+)/.exec(this.said)?.[1];
    if (!password) throw new Error(`the server showed no password:\n${this.said}`);
    return password;
  }

  /** Starts it, again if it ran before: on the same address and the same data. */
  async run(): Promise<void> {
    this.said = "";
    const { PATH, HOME } = process.env;
    const child = spawn(program, ["serve"], {
      cwd: this.dir,
      env: { PATH, HOME, DATA_DIR: join(this.dir, "data"), HTTP_ADDR: new URL(this.url).host, ADMIN_ADDR: "127.0.0.1:0", LOG_FORMAT: "json", LOG_LEVEL: "warn", ...this.settings },
    });
    this.process = child;
    child.stdout.on("data", (chunk) => (this.said += String(chunk)));
    child.stderr.on("data", (chunk) => (this.said += String(chunk)));
    const until = Date.now() + startTimeoutMs;
    while (!(await this.ready())) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`the server did not start:\n${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  private async ready(): Promise<boolean> {
    return this.said.includes("/frontend/") && (await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false));
  }

  /** Pulls the plug: nothing is finished. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ends it in order and removes its data. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }); // after SIGKILL, PostgreSQL ends a little later
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
