// The composition root: what an agent is made of, and the order in which it starts and stops.
import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname, networkInterfaces, release, type } from 'node:os'
import { join } from 'node:path'
import { electionTags, firstUnicastAddress, hostName, hostTags } from './config/host-tags.ts'
import { workLayout, type WorkLayout } from './config/layout.ts'
import { loadConfiguration, type Configuration } from './config/load-config.ts'
import type { FileState, InputInstance } from './config/load-inputs.ts'
import type { Environment, InputRegistry, Platform } from './config/registry.ts'
import { saveSettings, type SettingChange } from './config/save-settings.ts'
import type { DatakitConfig } from './config/settings.ts'
import { EventLog } from './events.ts'
import { httpServers } from './http-services.ts'
import type { HttpServer } from './http/server.ts'
import { createDataPath, type DataPath } from './io/data-path.ts'
import type { ClientFacts } from './io/dataway/client.ts'
import { Endpoint } from './io/dataway/endpoint.ts'
import type { Feed, FeedDoors } from './io/feed.ts'
import type { GlobalTags } from './io/global-tags.ts'
import { Recorder } from './io/recorder/recorder.ts'
import { createLedger, type Ledger } from './io/ledger.ts'
import { Tap } from './io/tap.ts'
import { ioSettings } from './io-settings.ts'
import { inputs as builtIn } from './inputs/index.ts'
import type { HostFacts, InputDefinition } from './inputs/define-input.ts'
import { createRunner, type Runner } from './inputs/runner.ts'
import { systemClock, type Clock } from './kernel/clock.ts'
import { diagnostic, type Diagnostic } from './kernel/diagnostic.ts'
import { AgentError, errorText } from './kernel/errors.ts'
import { createLogger, type RootLogger } from './kernel/logger.ts'
import { createMetrics } from './kernel/metrics.ts'
import { err, ok, type Result } from './kernel/result.ts'
import { Pipeline } from './pipeline/pipeline.ts'
import { pipelineSettings } from './pipeline-settings.ts'
import { applyResourceLimit, NO_LIMIT, type AppliedLimit } from './resource-limit.ts'
import { registerRuntimeMetrics } from './runtime-metrics.ts'
import { createStore, type Store } from './store/store.ts'
import { usageTrace } from './usage.ts'

export interface AgentOptions {
  readonly workdir: string
  readonly mode: 'desktop' | 'headless'
  readonly version: string
  readonly commit?: string
  readonly env?: Environment
  /** Configuration from ENV only: `run -C`. */
  readonly container?: boolean
  readonly clock?: Clock
  readonly definitions?: readonly InputDefinition[]
  /** Prefix of /proc, /sys: "/" but in tests. */
  readonly root?: string
  /** [resource_limit] is obeyed: the process is this agent's own. */
  readonly ownProcess?: boolean
  /** No request leaves this machine but to addresses that the configuration names: tests. */
  readonly offline?: boolean
}

export interface AgentIdentity {
  readonly version: string
  readonly commit: string
  readonly host: string
  readonly os: string
  readonly arch: string
  readonly workdir: string
  readonly mode: 'desktop' | 'headless'
  readonly startedAt: number
  /** No datakit.conf existed before this start. */
  readonly firstRun: boolean
}

export type Agent = Omit<ComposedAgent, 'never'>

/** How long a stop tries to send what waits; the rest stays in the WAL. */
const FLUSH_MS = 2000
const MAX_PULL_BYTES = 64 * 1024 * 1024

/** Reads the configuration and builds every room; nothing runs before start(). */
export function createAgent(options: AgentOptions): Agent {
  return new ComposedAgent(options)
}

class ComposedAgent {
  readonly facts: AgentIdentity
  readonly clock: Clock
  readonly log: RootLogger
  readonly metrics = createMetrics()
  readonly events: EventLog
  readonly host: HostFacts
  readonly definitions: readonly InputDefinition[]
  readonly tags: GlobalTags
  readonly ledger: Ledger
  readonly tap: Tap
  readonly runner: Runner
  readonly store: Store
  #http: HttpServer
  readonly #options: AgentOptions
  readonly #env: Environment
  readonly #platform = process.platform as Platform
  readonly #layout: WorkLayout
  readonly #registry: InputRegistry
  readonly #runtimeId = randomUUID()
  #configuration: Configuration
  #pipeline: Pipeline
  #recorder: Recorder
  #dataPath: DataPath
  #limit: AppliedLimit
  #state: 'starting' | 'running' | 'stopping' = 'starting'
  #stopped: Promise<void> | undefined
  #switching: Promise<void> | undefined
  /** Changes of the running agent come one after the other. */
  #changes: Promise<void> = Promise.resolve()

  constructor(options: AgentOptions) {
    this.#options = options
    this.#env = options.env ?? process.env
    this.clock = options.clock ?? systemClock
    this.definitions = options.definitions ?? builtIn
    this.#registry = new Map(this.definitions.map((d) => [d.name, d]))
    this.#layout = workLayout(options.workdir, this.#platform)
    this.#configuration = this.#readConfiguration()
    this.facts = this.#identity()
    this.log = this.#openLog()
    this.events = new EventLog(this.clock, join(this.#layout.dataDir, 'events.jsonl'))
    this.host = this.#hostFacts()
    this.tags = { host: {}, election: {} }
    this.#resolveTags()
    this.ledger = createLedger(this.metrics)
    this.tap = new Tap(this.clock)
    this.#recorder = this.#openRecorder()
    this.#pipeline = this.#openPipeline()
    this.#dataPath = this.#openDataPath()
    this.store = createStore({
      path: join(this.#layout.dataDir, 'store.db'),
      clock: this.clock,
      log: this.log.child({ room: 'store' }),
      metrics: this.metrics,
    })
    this.runner = createRunner({
      definitions: this.definitions,
      clock: this.clock,
      log: this.log,
      metrics: this.metrics,
      feed: (category, points, feed) => this.feed(category, points, feed),
      host: this.host,
      protectMode: this.config.protect_mode,
      ntpOffsetMs: () => this.#dataPath.ntpOffsetMs(),
      onEvent: (event) => this.events.push(event),
    })
    this.#http = httpServers(this)
    this.#limit = this.#applyLimit()
    registerRuntimeMetrics(this.metrics, this.facts, this.clock, () => this.#limit.text)
  }

  get config(): DatakitConfig {
    return this.#configuration.config
  }
  get http(): HttpServer {
    return this.#http
  }
  get pipeline(): Pipeline {
    return this.#pipeline
  }
  get dataPath(): DataPath {
    return this.#dataPath
  }
  get clientFacts(): ClientFacts {
    const { version, host, arch } = this.facts
    return { version, hostname: host, os: process.platform, arch }
  }
  get state(): 'starting' | 'running' | 'stopping' {
    return this.#state
  }
  /** State of each file under conf.d. */
  get files(): readonly FileState[] {
    return this.#configuration.inputs.files
  }
  /** Collectors that the configuration asks for. */
  get instances(): readonly InputInstance[] {
    return this.#configuration.inputs.instances
  }

  /** Everything that is wrong or worth knowing now. */
  diagnostics(): Diagnostic[] {
    const { error } = this.http.state()
    return [
      ...(error
        ? [diagnostic(error.code, error.message, { path: 'http_api.listen', notes: [error.hint] })]
        : []),
      ...this.#configuration.diagnostics,
      ...this.#limit.diagnostics,
      ...this.#dataPath.diagnostics(),
      ...this.#pipeline.diagnostics(),
      ...this.#recorder.diagnostics(),
      ...this.runner.diagnostics(),
      ...this.store.diagnostics(),
    ]
  }

  async start(): Promise<void> {
    this.log.info('agent starts', { version: this.facts.version, workdir: this.facts.workdir })
    this.#logProblems()
    this.events.add('agent_started', { version: this.facts.version })
    await this.#pipeline.start()
    await this.runner.replace(this.instances)
    this.runner.start()
    await Promise.all([this.#dataPath.start(), this.http.start()])
    this.#state = 'running'
  }

  /** Stops what makes points, then what carries them; safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping'
    await this.#changes
    await this.runner.stop()
    // Requests whose scripts hang end with the lanes: their points go on as they are.
    const http = this.http.stop()
    await Promise.race([http, this.clock.sleep(FLUSH_MS)])
    await this.#pipeline.dispose()
    await http
    await this.#dataPath.stop(FLUSH_MS)
    await this.#recorder.dispose()
    await this.store.dispose()
    this.events.add('agent_stopped')
    this.log.info('agent stopped')
    await this.log.dispose()
  }

  /** The data path's door; waits while the path is exchanged. */
  readonly feed: Feed = async (category, points, options) => {
    while (this.#switching) await this.#switching
    return this.#dataPath.feed(category, points, options)
  }

  /** The doors for points that are bytes; closed while the path is exchanged. */
  readonly byteDoors: Pick<FeedDoors, 'encodedDoor' | 'feedEncoded' | 'feedBody'> = {
    encodedDoor: (category, options) =>
      this.#switching ? undefined : this.#dataPath.encodedDoor(category, options),
    feedEncoded: (...args) => this.#dataPath.feedEncoded(...args),
    feedBody: async (...args) => (this.#switching ? ok('left') : this.#dataPath.feedBody(...args)),
  }

  /** Reads the configuration again and restarts what changed. */
  reload(): Promise<void> {
    return this.#change(async () => {
      const before = JSON.stringify(ioSettings(this.config))
      const scripts = JSON.stringify(pipelineSettings(this.config, this.#layout))
      const recorder = JSON.stringify(this.config.recorder)
      const api = JSON.stringify(this.config.http_api)
      const limit = JSON.stringify(this.config.resource_limit)
      this.#configuration = this.#readConfiguration()
      this.#resolveTags()
      this.#logProblems()
      if (JSON.stringify(ioSettings(this.config)) !== before) await this.#switchDataPath()
      if (JSON.stringify(pipelineSettings(this.config, this.#layout)) !== scripts)
        await this.#switchPipeline()
      else await this.#pipeline.setTags(this.tags.host)
      if (JSON.stringify(this.config.recorder) !== recorder) await this.#switchRecorder()
      if (JSON.stringify(this.config.http_api) !== api) await this.#switchHttp()
      if (JSON.stringify(this.config.resource_limit) !== limit) this.#limit = this.#applyLimit()
      await this.runner.replace(this.instances)
      this.log.setLevel(this.config.logging.level)
      this.events.add('config_applied', { files: this.files.length })
    })
  }

  /** Writes settings into datakit.conf as the smallest text patch and obeys them. */
  async saveSettings(changes: readonly SettingChange[]): Promise<Result<void>> {
    const saved = saveSettings(this.#layout.mainFile, changes)
    if (!saved.ok) return saved
    await this.reload()
    return ok(undefined)
  }

  /**
   * Sets and removes global tags: in force for the next point, and saved to datakit.conf. In a container the
   * configuration is made anew from ENV at each start, so there they last as long as this agent.
   */
  async changeTags(
    set: 'host' | 'election',
    add: Readonly<Record<string, string>>,
    remove: readonly string[],
  ): Promise<Result<void>> {
    if (this.#options.container) {
      const kept = Object.entries({ ...this.tags[set], ...add }).filter(([key]) => !remove.includes(key))
      this.tags[set] = Object.fromEntries(kept)
      if (!this.config.election.enable) this.tags.election = { ...this.tags.host }
      await this.#pipeline.setTags(this.tags.host)
      return ok(undefined)
    }
    const table = set === 'host' ? ['global_host_tags'] : ['election', 'tags']
    return this.saveSettings([
      ...Object.entries(add).map(([key, value]) => ({ path: [...table, key], value })),
      ...remove.map((key) => ({ path: [...table, key], value: undefined })),
    ])
  }

  /** Writes dataway.urls and starts sending; what the WAL holds goes on to the new address. */
  async connectDataway(url: string): Promise<Result<void>> {
    const endpoint = Endpoint.parse(url.trim())
    if (!endpoint.ok) return err(endpoint.error)
    const saved = await this.saveSettings([{ path: ['dataway', 'urls'], value: [url.trim()] }])
    if (saved.ok) this.events.add('dataway_connected', { host: endpoint.value.label })
    return saved
  }

  #change(run: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(run)
    this.#changes = done.catch(() => {})
    return done
  }

  /** The old path closes its WAL before the new one opens it; feeds between them wait. */
  async #switchDataPath(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#switching = promise
    try {
      await this.#dataPath.stop(FLUSH_MS)
      this.#dataPath = this.#openDataPath()
      await this.#dataPath.start()
    } finally {
      this.#switching = undefined
      resolve()
    }
  }

  /** What lanes keep between points is given out; batches under way end in the old lanes. */
  async #switchPipeline(): Promise<void> {
    const old = this.#pipeline
    const next = this.#openPipeline()
    await next.start()
    this.#pipeline = next
    await old.dispose()
  }

  async #switchRecorder(): Promise<void> {
    const old = this.#recorder
    this.#recorder = this.#openRecorder()
    await old.dispose()
  }

  async #switchHttp(): Promise<void> {
    await this.#http.stop()
    this.#http = httpServers(this)
    await this.#http.start()
  }

  #readConfiguration(): Configuration {
    return loadConfiguration(this.#layout, this.#registry, {
      env: this.#env,
      platform: this.#platform,
      cores: availableParallelism(),
      container: this.#options.container ?? false,
      version: this.#options.version,
    })
  }

  #logProblems(): void {
    for (const d of this.#configuration.diagnostics)
      if (d.severity === 'error')
        this.log.warn(d.message, { code: d.code, ...(d.file ? { file: d.file } : {}) })
  }

  #identity(): AgentIdentity {
    const { version, commit = '', workdir, mode, container } = this.#options
    return {
      version,
      commit,
      host: hostName(this.config, this.#env, hostname(), container),
      os: `${type()} ${release()}`,
      arch: process.arch,
      workdir,
      mode,
      startedAt: this.clock.now(),
      firstRun: this.#configuration.firstRun,
    }
  }

  #openLog(): RootLogger {
    const { log, level, rotate, rotate_backups: backups } = this.config.logging
    return createLogger({ path: log, level, rotateMb: rotate, backups })
  }

  #resolveTags(): void {
    const facts = { hostname: this.facts.host, ip: firstUnicastAddress(networkInterfaces()), id: undefined }
    this.tags.host = hostTags(this.config, this.#env, facts)
    this.tags.election = electionTags(this.config, this.tags.host, facts)
  }

  #applyLimit(): AppliedLimit {
    const { ownProcess, container, root } = this.#options
    // A container's runtime limits it.
    if (!ownProcess || container) return NO_LIMIT
    const applied = applyResourceLimit(this.config.resource_limit, {
      root: root ?? '/',
      platform: process.platform,
      uid: process.geteuid?.(),
      pid: process.pid,
      cpus: availableParallelism(),
    })
    for (const problem of applied.log) this.log.info('a resource limit is not in force', { problem })
    return applied
  }

  #openRecorder(): Recorder {
    const { enabled, path, encoding, duration, inputs, categories } = this.config.recorder
    const dir = path === '' ? join(this.#layout.root, 'recorder') : path
    return new Recorder(
      { enabled, path: dir, encoding, durationMs: duration, inputs, categories },
      this.clock,
    )
  }

  #openPipeline(): Pipeline {
    return new Pipeline({
      settings: pipelineSettings(this.config, this.#layout),
      hostTags: this.tags.host,
      clock: this.clock,
      log: this.log.child({ room: 'pipeline' }),
      metrics: this.metrics,
      pull: async (ts, relation, signal) => {
        const [client, ...others] = this.#dataPath.clients
        if (!client || others.length > 0) return undefined
        const answer = await client.call('/v1/datakit/pull', {
          params: { remote_pipelines: 'true', ts: String(ts), relation_ts: String(relation) },
          maxAnswerBytes: MAX_PULL_BYTES,
          signal,
        })
        if (answer.status !== 200) throw new AgentError('PIPELINE_REMOTE', `status ${answer.status}`)
        return answer.body
      },
      onCreated: (created) => {
        if (created.length > 0)
          this.#dataPath
            .feedCreated(created)
            .catch((error: unknown) =>
              this.log.error('points that scripts made are lost', { error: errorText(error) }),
            )
      },
      onFilterBreach: (category) => this.#dataPath.filterBreach(category),
      onHeld: (category, change) => this.ledger.heldChanged(category, change),
      onSuspended: (script, why) => this.events.add('script_suspended', { script, why }, 'error'),
    })
  }

  #openDataPath(): DataPath {
    const path = createDataPath({
      settings: ioSettings(this.config),
      tags: this.tags,
      facts: this.clientFacts,
      clock: this.clock,
      log: this.log.child({ room: 'io' }),
      metrics: this.metrics,
      ledger: this.ledger,
      tap: this.tap,
      pullFile: join(this.#layout.dataDir, '.pull'),
      pipe: {
        has: (category) => this.#pipeline.has(category),
        points: (...args) => this.#pipeline.points(...args),
        body: (...args) => this.#pipeline.body(...args),
        unprocessed: (...args) => this.#pipeline.unprocessed(...args),
      },
      usageTrace: () =>
        usageTrace(this, {
          runtimeId: this.#runtimeId,
          podName: this.#env['POD_NAME'],
          container: this.#options.container ?? false,
        }),
    })
    path.listeners.add((category, fragment, points, source) =>
      this.#recorder.listen(category, fragment, points, source),
    )
    path.listeners.add((category, fragment, points, source) =>
      this.store.appendEncoded(category, fragment, points, source),
    )
    return path
  }

  #hostFacts(): HostFacts {
    return {
      platform: this.#platform,
      hostname: () => this.facts.host,
      version: this.facts.version,
      root: this.#options.root ?? '/',
      offline: this.#options.offline ?? false,
      addGlobalTags: (of, tags) => {
        // What the configuration says wins over what a collector found out.
        this.tags[of] = { ...tags, ...this.tags[of] }
      },
      metrics: this.metrics,
      collectorStats: () => this.runner.collectorStats(),
      agentFacts: () => ({
        httpListen: this.config.http_api.listen,
        loggingLevel: this.config.logging.level,
        startedAt: this.facts.startedAt,
        election: {
          namespace: this.config.election.namespace,
          elected: '',
          electedTime: 0,
          status: 'disabled',
        },
      }),
    }
  }
}
