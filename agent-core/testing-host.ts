// A whole agent in a process of its own, for tests that measure it: what it does not do itself is not in its figures.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

// As the build does it: `?raw` is a file's text.
registerHooks({
  load(url, context, next) {
    if (!url.endsWith('?raw')) return next(url, context)
    const text = readFileSync(new URL(url.slice(0, -'?raw'.length)), 'utf8')
    return { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(text)}` }
  },
})
const { bareAgent } = await import('./testing.ts')

/** What the host tells when it is asked with a script's key. */
export interface AgentReport {
  readonly port: number
  readonly state: string | undefined
  readonly suspended: readonly string[]
  readonly diagnostics: readonly string[]
  /** Of the category logging. */
  readonly difference: number
}

const [workdir = ''] = process.argv.slice(2)
const agent = bareAgent(workdir)
await agent.start()

process.on('message', (key: string) => {
  const report: AgentReport = {
    port: agent.http.port() ?? 0,
    state: agent.pipeline.store.get(key)?.state,
    suspended: agent.events
      .recent(1000)
      .filter(({ kind }) => kind === 'script_suspended')
      .map(({ params }) => String(params['script'])),
    diagnostics: agent.diagnostics().map(({ code, message }) => `${code} ${message}`),
    difference: agent.ledger.difference('logging'),
  }
  process.send!(report)
})
process.once('disconnect', () => void agent.stop().then(() => process.exit()))
process.send!('started')
