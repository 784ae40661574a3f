// Asks the service of this container whether it can work: exit code 0 when it can. Run by Docker, which knows no HTTP.
const response = await fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`, {
  signal: AbortSignal.timeout(4_000),
}).catch((error) => ({ ok: false, status: error.message }));
if (!response.ok) process.stderr.write(`not ready: ${response.status}\n`);
process.exitCode = response.ok ? 0 : 1;
