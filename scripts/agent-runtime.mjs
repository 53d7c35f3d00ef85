// How Node runs the agent, wherever it is started from: a small young generation (same speed, 50 MiB less), two threads
// for V8's own work instead of four, and with glibc two malloc arenas instead of eight a core, whose free parts are never
// given back.
export const AGENT_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=2']

/** @returns {NodeJS.ProcessEnv} */
export const agentEnv = () => ({ MALLOC_ARENA_MAX: '2', ...process.env })
